// SPDX-License-Identifier: MIT
#pragma once

/// Includes all layers. A file that needs one of them includes that one's header, which compiles faster.

#include <fovea/layers/activation.hpp>
#include <fovea/layers/activations.hpp>
#include <fovea/layers/adaptive_pooling.hpp>
#include <fovea/layers/attention.hpp>
#include <fovea/layers/batch_norm.hpp>
#include <fovea/layers/bidirectional.hpp>
#include <fovea/layers/bilinear.hpp>
#include <fovea/layers/branches.hpp>
#include <fovea/layers/channel_gate.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/embedding.hpp>
#include <fovea/layers/embedding_bag.hpp>
#include <fovea/layers/film.hpp>
#include <fovea/layers/fourier_features.hpp>
#include <fovea/layers/glu.hpp>
#include <fovea/layers/group_norm.hpp>
#include <fovea/layers/initializers.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/layers/padding.hpp>
#include <fovea/layers/parallel.hpp>
#include <fovea/layers/pooling.hpp>
#include <fovea/layers/positional_encoding.hpp>
#include <fovea/layers/prelu.hpp>
#include <fovea/layers/recurrence.hpp>
#include <fovea/layers/renamed.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/rotary_embedding.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/layers/tied.hpp>
#include <fovea/layers/transformer.hpp>
#include <fovea/layers/transposed_convolution.hpp>
#include <fovea/layers/upsample.hpp>
#include <fovea/layers/views.hpp>
