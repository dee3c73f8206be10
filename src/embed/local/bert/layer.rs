//! One layer of BERT, top to bottom.

use super::attention::{AttentionScratch, attention};
use super::buffer::Buffer;
use super::distances::Distances;
use super::encoder::Group;
use super::isa::{Isa, Rows};
use super::linear::{Add, Gelu, Linear, Store};
use super::math::layer_norm;

/// The sizes of a model.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// d: numbers per token.
    pub hidden_size: usize,
    /// Numbers per token inside the feed-forward half, usually 4d.
    pub intermediate_size: usize,
    /// Numbers per head; d is a multiple.
    pub head_dim: usize,
    /// Added to the variance in layer norms.
    pub epsilon: f32,
}

/// The weights of a layer.
pub struct Layer<I: Isa> {
    /// `(d, 3d)`: queries, keys, values.
    pub qkv: Linear<I>,
    /// `(d, d)`.
    pub attention_output: Linear<I>,
    pub attention_norm: Norm,
    /// `(d, 4d)`.
    pub intermediate: Linear<I>,
    /// `(4d, d)`.
    pub output: Linear<I>,
    pub output_norm: Norm,
}

/// Weights of a layer norm, `(d)` each.
pub struct Norm {
    pub weight: Buffer<f32>,
    pub bias: Buffer<f32>,
}

/// What a thread works in, for groups of up to n tokens.
pub struct Scratch<I: Isa> {
    /// `(n, d)`, exact: the residual stream.
    pub x: Buffer<f32>,
    /// `(n, d)`, the same as the products read it.
    pub x_read: Buffer<I::Num>,
    qkv: Buffer<I::Num>,
    context: Buffer<I::Num>,
    intermediate: Buffer<I::Num>,
    attention: AttentionScratch<I>,
    block: Buffer<f32>,
}

impl<I: Isa> Scratch<I> {
    pub fn new() -> Self {
        Self {
            x: Buffer::new(0),
            x_read: Buffer::new(0),
            qkv: Buffer::new(0),
            context: Buffer::new(0),
            intermediate: Buffer::new(0),
            attention: AttentionScratch::new(),
            block: Buffer::new(I::ROWS * I::COLS),
        }
    }

    /// Makes room for a group.
    pub fn fit(&mut self, shape: &Shape, group: &Group) {
        // A block of rows may begin at the last token.
        let n = group.n_tokens() + I::ROWS;
        self.x.fit(n * shape.hidden_size);
        self.x_read.fit(n * shape.hidden_size);
        self.qkv.fit(n * 3 * shape.hidden_size);
        self.context.fit(n * shape.hidden_size);
        self.intermediate.fit(n * shape.intermediate_size);
        self.attention.fit(group.longest(), shape.head_dim);
    }
}

/// x ← the layer's output, for all tokens of a group: texts lie behind each other, without padding,
/// and only attention knows where each begins.
#[inline(always)]
pub fn layer<I: Isa>(
    layer: &Layer<I>,
    shape: &Shape,
    distances: Option<&Distances>,
    group: &Group,
    scratch: &mut Scratch<I>,
) {
    let Scratch {
        x,
        x_read,
        qkv,
        context,
        intermediate,
        attention: for_attention,
        block,
    } = scratch;
    let (n, d, d_inner) = (group.n_tokens(), shape.hidden_size, shape.intermediate_size);

    // (n, d) → (n, 3d): what each token asks for, offers, and says.
    let rows = Rows::new(x_read, d);
    layer.qkv.apply(rows, n, block, Store(qkv, 3 * d));

    // (n, 3d) → (n, d): what each token hears, within its own text.
    for text in group.texts().filter(|text| !text.is_empty()) {
        let rows = Rows::new(&qkv[text.start * 3 * d..], 3 * d);
        let context = &mut context[text.start * d..text.end * d];
        attention(
            shape,
            distances,
            rows,
            text.len(),
            for_attention,
            block,
            context,
        );
    }

    // (n, d) → (n, d), added to x, which is then normed.
    let rows = Rows::new(context, d);
    layer.attention_output.apply(rows, n, block, Add(x, d));
    layer.attention_norm.apply::<I>(shape, n, x, x_read);

    // (n, d) → (n, 4d) → (n, d), added to x, which is then normed again.
    let rows = Rows::new(x_read, d);
    layer
        .intermediate
        .apply(rows, n, block, Gelu(intermediate, d_inner));
    let rows = Rows::new(intermediate, d_inner);
    layer.output.apply(rows, n, block, Add(x, d));
    layer.output_norm.apply::<I>(shape, n, x, x_read);
}

impl Norm {
    /// Norms the first `n` rows of `x`, in place and for the next product.
    #[inline(always)]
    pub fn apply<I: Isa>(&self, shape: &Shape, n: usize, x: &mut [f32], x_read: &mut [I::Num]) {
        let d = shape.hidden_size;
        for token in 0..n {
            let row = &mut x[token * d..][..d];
            let to = &mut x_read[token * d..][..d];
            layer_norm::<I>(row, &self.weight, &self.bias, shape.epsilon, to);
        }
    }
}
