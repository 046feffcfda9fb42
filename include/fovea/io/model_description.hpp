// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>
#include <fovea/io/described.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

/// What belongs to a model besides its numbers, all optional: kept in the metadata of its file.
struct model_description {
  std::vector<std::string> feature_names = {};  // of the columns of x
  std::vector<std::string> classes = {};        // of the outputs
  std::optional<double> threshold = {};         // from which a probability means the positive class
  // fitted on the training rows
  std::optional<fovea::standardizer> standardizer = {};
  std::optional<fovea::min_max_scaler> min_max_scaler = {};
  std::optional<fovea::robust_scaler> robust_scaler = {};
  std::optional<fovea::imputer> imputer = {};
  std::optional<fovea::one_hot_encoder> one_hot_encoder = {};
  std::optional<fovea::ordinal_encoder> ordinal_encoder = {};
  safetensors_metadata other = {};
};

namespace detail {

/// Calls f(name, member) for each member that is kept as JSON.
template <class Description, class F> void for_each_member(Description& d, F const& f) {
  f("feature_names", d.feature_names), f("classes", d.classes), f("threshold", d.threshold);
  f("standardizer", d.standardizer), f("min_max_scaler", d.min_max_scaler), f("robust_scaler", d.robust_scaler);
  f("imputer", d.imputer), f("one_hot_encoder", d.one_hot_encoder), f("ordinal_encoder", d.ordinal_encoder);
}
template <class M> inline constexpr bool is_optional = false;
template <class M> inline constexpr bool is_optional<std::optional<M>> = true;

}  // namespace detail

/// Writes a model as `save(model, path)` does, with its description and, in words, its inverse link: `load` refuses the file for
/// another one, too.
///
///     save(trainer.model(), "fraud.safetensors",
///          fovea::model_description{.feature_names = names, .threshold = 0.3, .standardizer = scaler});
template <backend B, class Net, class Link, std::same_as<model_description> Description>
void save(model<B, Net, Link> const& from, std::filesystem::path const& path, Description const& description) {
  auto metadata = description.other;
  metadata["inverse_link"] = detail::type_words<Link>();
  try {
    detail::for_each_member(description, [&]<class M>(std::string const& name, M const& member) {
      if constexpr (detail::is_optional<M>) {
        if (member) metadata[name] = detail::to_json(*member).dump();
      } else if (!member.empty()) {
        metadata[name] = detail::to_json(member).dump();
      }
    });
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
  result.other = metadata;
  result.other.erase("format"), result.other.erase("network"), result.other.erase("inverse_link");
  detail::for_each_member(result, [&]<class M>(std::string const& name, M& member) {
    auto const found = metadata.find(name);
    if (found == metadata.end()) return;
    result.other.erase(name);
    try {
      auto const words = nlohmann::json::parse(found->second);
      if constexpr (detail::is_optional<M>) detail::from_json(words, member.emplace());
      else detail::from_json(words, member);
    } catch (nlohmann::json::exception const& e) {
      throw io_error("model description: " + name + ": " + quoted(e.what()));
    }
    if constexpr (detail::is_optional<M>)
      if constexpr (detail::with_members<typename M::value_type>) detail::require_one_length(*member, name);
  });
  return result;
}

}  // namespace fovea
