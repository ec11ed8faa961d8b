// A minimum cut between two sides: which nodes take the first side and which the second, so that
// the preferences and couplings that are not honoured cost least. (Dinic, "Algorithm for solution
// of a problem of maximum flow in networks with power estimation", 1970.)
#ifndef STINT_TOOLS_COMPILER_PASSES_MINIMUM_CUT_H_
#define STINT_TOOLS_COMPILER_PASSES_MINIMUM_CUT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stint::compiler {

class MinimumCut {
 public:
  explicit MinimumCut(size_t nodes) : edges_(nodes + 2) {}

  // What it costs when the node is on the other side.
  void PreferFirst(size_t node, double cost) { AddEdge(Source(), node, cost, 0); }
  void PreferSecond(size_t node, double cost) { AddEdge(node, Sink(), cost, 0); }
  // What it costs when the two are on different sides.
  void Couple(size_t a, size_t b, double cost) { AddEdge(a, b, cost, cost); }

  // Whether each node is on the second side. Ties go to the first side. Called once.
  std::vector<bool> Solve();

 private:
  struct Edge {
    size_t to;
    size_t reverse;  // Its index among the edges of `to`.
    double left;     // Capacity that no flow uses yet.
  };

  size_t Source() const { return edges_.size() - 2; }
  size_t Sink() const { return edges_.size() - 1; }
  void AddEdge(size_t from, size_t to, double forward, double backward);
  // Distances from the source along edges that have capacity left; unreached: SIZE_MAX.
  std::vector<size_t> Distances() const;
  // Which nodes can still send flow to the sink.
  std::vector<bool> ReachSink() const;
  double Push(const std::vector<size_t>& distances, std::vector<size_t>& next);

  std::vector<std::vector<Edge>> edges_;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_MINIMUM_CUT_H_
