#include "tools/compiler/passes/minimum_cut.h"

#include <algorithm>
#include <deque>
#include <limits>

namespace stint::compiler {

void MinimumCut::AddEdge(size_t from, size_t to, double forward, double backward) {
  if (from == to) return;
  edges_[from].push_back({to, edges_[to].size(), forward});
  edges_[to].push_back({from, edges_[from].size() - 1, backward});
}

std::vector<size_t> MinimumCut::Distances() const {
  std::vector<size_t> distances(edges_.size(), SIZE_MAX);
  distances[Source()] = 0;
  std::deque<size_t> waiting = {Source()};
  while (!waiting.empty()) {
    const size_t node = waiting.front();
    waiting.pop_front();
    for (const Edge& edge : edges_[node]) {
      if (edge.left <= 0 || distances[edge.to] != SIZE_MAX) continue;
      distances[edge.to] = distances[node] + 1;
      waiting.push_back(edge.to);
    }
  }
  return distances;
}

// Sends flow along one path of growing distance; 0 when there is none. `next`: the first edge of
// each node that may still lead to the sink. A path is a list, not a recursion: graphs are deep.
double MinimumCut::Push(const std::vector<size_t>& distances, std::vector<size_t>& next) {
  std::vector<Edge*> path;
  size_t node = Source();
  while (node != Sink()) {
    if (next[node] < edges_[node].size()) {
      Edge& edge = edges_[node][next[node]];
      if (edge.left > 0 && distances[edge.to] == distances[node] + 1) {
        path.push_back(&edge);
        node = edge.to;
      } else {
        ++next[node];
      }
      continue;
    }
    if (path.empty()) return 0;
    const Edge& last = *path.back();
    node = edges_[last.to][last.reverse].to;
    path.pop_back();
    ++next[node];
  }
  double flow = std::numeric_limits<double>::infinity();
  for (const Edge* edge : path) flow = std::min(flow, edge->left);
  for (Edge* edge : path) {
    edge->left -= flow;
    edges_[edge->to][edge->reverse].left += flow;
  }
  return flow;
}

std::vector<bool> MinimumCut::ReachSink() const {
  std::vector<bool> reach(edges_.size(), false);
  reach[Sink()] = true;
  std::deque<size_t> waiting = {Sink()};
  while (!waiting.empty()) {
    const size_t node = waiting.front();
    waiting.pop_front();
    for (const Edge& edge : edges_[node]) {
      if (reach[edge.to] || edges_[edge.to][edge.reverse].left <= 0) continue;
      reach[edge.to] = true;
      waiting.push_back(edge.to);
    }
  }
  return reach;
}

std::vector<bool> MinimumCut::Solve() {
  std::vector<size_t> distances = Distances();
  while (distances[Sink()] != SIZE_MAX) {
    std::vector<size_t> next(edges_.size(), 0);
    while (Push(distances, next) > 0) {
    }
    distances = Distances();
  }
  std::vector<bool> second = ReachSink();
  second.resize(edges_.size() - 2);
  return second;
}

}  // namespace stint::compiler
