// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/data/standardizer.hpp>
#include <fovea/error.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

/// What belongs to a model besides its numbers, all optional: kept in the metadata of its file.
struct model_description {
  std::vector<std::string> feature_names = {};           // of the columns of x
  std::vector<std::string> classes = {};                 // of the outputs
  std::optional<double> threshold = {};                  // from which a probability means the positive class
  std::optional<fovea::standardizer> standardizer = {};  // fitted on the training rows
  safetensors_metadata other = {};
};

namespace detail {

inline nlohmann::json json_of(safetensors_metadata const& metadata, std::string const& name) {
  auto const found = metadata.find(name);
  return found == metadata.end() ? nlohmann::json() : nlohmann::json::parse(found->second);
}

}  // namespace detail

/// Writes a model as `save(model, path)` does, with its description and, in words, its network and inverse link: `load` refuses the
/// file for another network or link.
///
///     save(trainer.model(), "fraud.safetensors",
///          fovea::model_description{.feature_names = names, .threshold = 0.3, .standardizer = scaler});
template <backend B, class Net, class Link, std::same_as<model_description> Description>
void save(model<B, Net, Link> const& from, std::filesystem::path const& path, Description const& description) {
  auto metadata = description.other;
  metadata["network"] = detail::type_words<Net>();
  metadata["inverse_link"] = detail::type_words<Link>();
  try {
    if (!description.feature_names.empty())
      metadata["feature_names"] = nlohmann::json(description.feature_names).dump();
    if (!description.classes.empty()) metadata["classes"] = nlohmann::json(description.classes).dump();
    if (description.threshold) metadata["threshold"] = nlohmann::json(*description.threshold).dump();
    if (auto const& s = description.standardizer)
      metadata["standardizer"] = nlohmann::json{{"names", s->names}, {"mean", s->mean}, {"scale", s->scale}}.dump();
  } catch (nlohmann::json::type_error const&) {
    throw argument_error(path.string() + ": a name in the description is not UTF-8");
  }
  fovea::save(from, path, metadata);
}

/// Returns the description in a file's metadata, which `load` returns. Throws `io_error` if it is malformed.
///
///     auto const about = fovea::description_of(load(model, "fraud.safetensors"));
///     if (about.standardizer) about.standardizer->apply(x);
inline model_description description_of(safetensors_metadata const& metadata) {
  model_description result;
  try {
    if (auto const names = detail::json_of(metadata, "feature_names"); !names.is_null())
      result.feature_names = names.get<std::vector<std::string>>();
    if (auto const classes = detail::json_of(metadata, "classes"); !classes.is_null())
      result.classes = classes.get<std::vector<std::string>>();
    if (auto const threshold = detail::json_of(metadata, "threshold"); !threshold.is_null())
      result.threshold = threshold.get<double>();
    if (auto const s = detail::json_of(metadata, "standardizer"); !s.is_null()) {
      result.standardizer = fovea::standardizer{.names = s.at("names"), .mean = s.at("mean"), .scale = s.at("scale")};
      auto const columns = result.standardizer->mean.size();
      if (result.standardizer->scale.size() != columns ||
          (!result.standardizer->names.empty() && result.standardizer->names.size() != columns))
        throw io_error("model description: the standardizer's names, means and scales differ in number");
    }
  } catch (nlohmann::json::exception const& e) {
    throw io_error(std::string("model description: ") + quoted(e.what()));
  }
  for (auto const& [name, words] : metadata)
    if (name != "feature_names" && name != "classes" && name != "threshold" && name != "standardizer" &&
        name != "format")
      result.other.emplace(name, words);
  return result;
}

}  // namespace fovea
