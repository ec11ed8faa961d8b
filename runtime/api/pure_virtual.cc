// What compilers name in the tables of abstract classes. Nothing calls it: objects are complete
// when they are used. The C++ library has one too, but what ships does without that library.
extern "C" [[gnu::weak]] void __cxa_pure_virtual();         // NOLINT: the compiler's name.
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }  // NOLINT
