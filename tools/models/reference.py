"""ONNX Runtime's answers: what Stint's are compared with. Optimisation off, one thread."""

import onnx
import onnxruntime


def redeclare(model_path, input_shapes):
    """The model's bytes with other declared input extents and no declared output extents."""
    model = onnx.load(model_path)
    for value in model.graph.input:
        extents = input_shapes.get(value.name)
        if extents is None:
            continue
        for dim, extent in zip(value.type.tensor_type.shape.dim, extents, strict=True):
            dim.dim_value = extent
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return model.SerializeToString()


class Reference:
    """A model in ONNX Runtime."""

    def __init__(self, model_path, input_shapes=None):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        model = redeclare(model_path, input_shapes) if input_shapes else str(model_path)
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"])

    @property
    def input_names(self):
        """Inputs that are not initialisers, in graph order."""
        return [value.name for value in self._session.get_inputs()]

    @property
    def output_names(self):
        return [value.name for value in self._session.get_outputs()]

    def run(self, inputs):
        """Outputs by name, in graph order."""
        return dict(zip(self.output_names, self._session.run(None, inputs), strict=True))
