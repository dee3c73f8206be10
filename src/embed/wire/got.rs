//! What servers answer: one tolerant reader for all their forms.
//!
//! Floats go straight into one buffer while the lengths of all lists are noted; the shape is judged
//! at the end. A text's vector may come alone, or as the vectors of its tokens, whose mean it is.

use std::fmt;

use ndarray::{Array2, ArrayView1, ArrayViewMut1};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::base64_floats;

/// Vectors of some texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Got {
    /// One row a text, as it was sent: not always of length 1.
    pub rows: Array2<f32>,
    /// Whether the server sent a vector for each token, and the rows are their means.
    pub is_token_level: bool,
}

/// Why an answer has no vectors. It repeats nothing of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedAnswer {
    /// Not JSON, or cut off.
    #[error("the answer is not whole JSON")]
    NotJson,
    /// JSON without vectors.
    #[error("the answer has no vectors in a form that is known")]
    NoVectors,
    /// Vectors of another number of texts, or of unequal length.
    #[error("the answer has the shape {seen}, which is not that of vectors for {n_texts} texts")]
    Shape {
        /// As in `[2][1][9][384]`.
        seen: String,
        /// Texts that were sent.
        n_texts: usize,
    },
    /// A number that is none.
    #[error("the answer has numbers that are not finite")]
    NotFinite,
}

/// Reads the answer for so many texts: `[n][d]`, `[n][t][d]`, `[n][1][t][d]`, `[1][n][d]`, and for one
/// text `[d]`, alone or as `embedding`, `embeddings`, `vectors`, `embeddingsByType` or OpenAI's `data`;
/// a vector is a list of numbers or their base64.
///
/// # Errors
/// [`MalformedAnswer`].
pub fn got(body: &[u8], n_texts: usize) -> Result<Got, MalformedAnswer> {
    let mut lists = Lists::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    Answer(&mut lists)
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| {
            if error.is_data() {
                MalformedAnswer::NoVectors
            } else {
                MalformedAnswer::NotJson
            }
        })?;
    if lists.floats.iter().any(|x| !x.is_finite()) {
        return Err(MalformedAnswer::NotFinite);
    }
    lists.into_rows(n_texts)
}

/// Nested lists: the numbers in order, and for each depth the lengths of its lists.
#[derive(Debug, Default)]
struct Lists {
    floats: Vec<f32>,
    lengths: Vec<Vec<usize>>,
    /// Depth at which numbers stand.
    depth: Option<usize>,
    /// The indices of OpenAI's entries, which may come in any order.
    order: Option<Vec<usize>>,
}

impl Lists {
    fn end(&mut self, depth: usize, length: usize) {
        if self.lengths.len() <= depth {
            self.lengths.resize(depth + 1, Vec::new());
        }
        self.lengths[depth].push(length);
    }

    /// Notes a number below so many lists; `false` if others stand elsewhere.
    fn push(&mut self, x: f32, depth: usize) -> bool {
        self.floats.push(x);
        *self.depth.get_or_insert(depth) == depth
    }

    fn seen(&self) -> String {
        let length = |lengths: &Vec<usize>| match (lengths.iter().min(), lengths.iter().max()) {
            (Some(least), Some(most)) if least == most => format!("[{most}]"),
            (Some(least), Some(most)) => format!("[{least} to {most}]"),
            _ => "[]".into(),
        };
        self.lengths.iter().map(length).collect()
    }

    fn into_rows(self, n_texts: usize) -> Result<Got, MalformedAnswer> {
        let wrong = |lists: &Self| MalformedAnswer::Shape {
            seen: lists.seen(),
            n_texts,
        };
        let all = |depth: usize, length: usize| {
            let mut lengths = self.lengths.get(depth).into_iter().flatten();
            lengths.all(|found| *found == length)
        };
        // Vectors for each text: one, or one for each of its tokens.
        let n_vectors = match self.depth {
            None if n_texts == 0 && self.lengths.len() <= 1 => {
                return Ok(Got {
                    rows: Array2::zeros((0, 0)),
                    is_token_level: false,
                });
            }
            Some(1) if n_texts == 1 => vec![1],
            Some(2) if all(0, n_texts) => vec![1; n_texts],
            Some(3) if all(0, n_texts) => self.lengths[1].clone(),
            Some(3) if all(0, 1) && all(1, n_texts) => vec![1; n_texts],
            Some(4) if all(0, n_texts) && all(1, 1) => self.lengths[2].clone(),
            _ => return Err(wrong(&self)),
        };
        let d = self.lengths.last().and_then(|lengths| lengths.first());
        let d = d.copied().unwrap_or_default();
        let n_all: usize = n_vectors.iter().sum();
        let is_even = d > 0 && all(self.lengths.len() - 1, d) && self.floats.len() == n_all * d;
        if n_vectors.len() != n_texts || !is_even || n_vectors.contains(&0) {
            return Err(wrong(&self));
        }
        let is_token_level = n_vectors.iter().any(|n| *n != 1);
        let mut rows = Array2::zeros((n_texts, d));
        let mut vectors = self.floats.chunks_exact(d);
        for (text, n) in n_vectors.iter().enumerate() {
            let text = self.order.as_ref().map_or(text, |order| order[text]);
            mean(&mut vectors, *n, rows.row_mut(text));
        }
        Ok(Got {
            rows,
            is_token_level,
        })
    }
}

fn mean<'a>(
    vectors: &mut impl Iterator<Item = &'a [f32]>,
    n: usize,
    mut row: ArrayViewMut1<'_, f32>,
) {
    for vector in vectors.take(n) {
        row += &ArrayView1::from(vector);
    }
    row /= n as f32;
}

/// The whole answer: lists, or an object that holds them.
struct Answer<'a>(&'a mut Lists);

impl<'de> DeserializeSeed<'de> for Answer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Answer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vectors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        At(self.0, 0).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_first = self.0.lengths.is_empty();
            match key.as_str() {
                "embedding" | "embeddings" | "vectors" | "embeddingsByType" if is_first => {
                    map.next_value_seed(ByType(self.0))?;
                }
                "data" if is_first => map.next_value_seed(Entries(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if self.0.lengths.is_empty() {
            return Err(A::Error::custom("no vectors"));
        }
        Ok(())
    }
}

/// Lists, or an object that has them as `float`.
struct ByType<'a>(&'a mut Lists);

impl<'de> DeserializeSeed<'de> for ByType<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ByType<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vectors")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        At(self.0, 0).visit_str(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        At(self.0, 0).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "float" && self.0.lengths.is_empty() {
                map.next_value_seed(At(self.0, 0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// OpenAI's list of objects with an index and a vector.
struct Entries<'a>(&'a mut Lists);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of vectors with indices")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut order = Vec::new();
        while let Some(index) = seq.next_element_seed(Entry(self.0, order.len()))? {
            order.push(index);
        }
        let n = order.len();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..n) {
            return Err(A::Error::custom("indices are missing or doubled"));
        }
        self.0
            .lengths
            .resize(self.0.lengths.len().max(1), Vec::new());
        self.0.end(0, n);
        self.0.order = Some(order);
        Ok(())
    }
}

/// One of them, and its place in the answer.
struct Entry<'a>(&'a mut Lists, usize);

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector with an index")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut index = self.1;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "index" => index = map.next_value()?,
                "embedding" => map.next_value_seed(At(self.0, 1))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(index)
    }
}

/// A value below so many lists.
struct At<'a>(&'a mut Lists, usize);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl At<'_> {
    fn number<E: serde::de::Error>(self, x: f32) -> Result<(), E> {
        if self.0.push(x, self.1) {
            Ok(())
        } else {
            Err(E::custom("numbers beside lists"))
        }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers in lists")
    }

    fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<(), E> {
        self.number(x as f32)
    }

    fn visit_u64<E: serde::de::Error>(self, x: u64) -> Result<(), E> {
        self.number(x as f32)
    }

    fn visit_i64<E: serde::de::Error>(self, x: i64) -> Result<(), E> {
        self.number(x as f32)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let floats = base64_floats(text).ok_or_else(|| E::custom("neither numbers nor base64"))?;
        self.0.end(self.1, floats.len());
        for x in floats {
            if !self.0.push(x, self.1 + 1) {
                return Err(E::custom("numbers beside lists"));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut length = 0;
        while seq.next_element_seed(At(self.0, self.1 + 1))?.is_some() {
            length += 1;
        }
        self.0.end(self.1, length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::wire::{json_rows, openai_answer};
    use ndarray::array;

    fn rows(body: &str, n: usize) -> Result<Array2<f32>, MalformedAnswer> {
        got(body.as_bytes(), n).map(|got| got.rows)
    }

    #[test]
    fn pooled_vectors_come_in_many_wrappings() {
        let two = array![[1.0, 2.0], [3.0, 4.0]];
        for body in [
            "[[1, 2.0], [3e0, 4]]",
            r#"{"embeddings": [[1, 2], [3, 4]], "id": "x", "texts": ["a", "b"]}"#,
            r#"{"embedding": [[1, 2], [3, 4]]}"#,
            r#"{"embedding": [[[1, 2], [3, 4]]]}"#,
            r#"{"vectors": [[1, 2], [3, 4]]}"#,
            r#"{"embeddings": {"float": [[1, 2], [3, 4]]}}"#,
            r#"{"object": "list", "data": [{"index": 1, "embedding": [3, 4]}, {"embedding": [1, 2], "index": 0}]}"#,
            r#"{"data": [{"embedding": [1, 2]}, {"embedding": [3, 4]}], "usage": {"prompt_tokens": 1}}"#,
        ] {
            assert_eq!(rows(body, 2).as_ref(), Ok(&two), "{body}");
        }
        let titan = r#"{"embedding": [1, 2], "inputTextTokenCount": 3, "embeddingsByType": {"float": [1, 2]}}"#;
        assert_eq!(rows(titan, 1), Ok(array![[1.0, 2.0]]));
        for in_base64 in [false, true] {
            let ours = json_rows(two.view(), in_base64);
            assert_eq!(got(&ours, 2).unwrap().rows, two);
            let openai = openai_answer(two.view(), in_base64, "m", 1);
            assert_eq!(got(&openai, 2).unwrap().rows, two);
        }
    }

    #[test]
    fn vectors_of_tokens_become_their_mean() {
        let string = got(b"[[[1, 2], [3, 4], [5, 9]]]", 1).unwrap();
        assert_eq!(string.rows, array![[3.0, 5.0]]);
        assert!(string.is_token_level);
        let list = got(b"[[[[1, 2], [3, 4]]], [[[5, 6]]]]", 2).unwrap();
        assert_eq!(list.rows, array![[2.0, 3.0], [5.0, 6.0]]);
        assert!(list.is_token_level);
        let unequal = got(b"[[[1, 2], [3, 4]], [[5, 6]]]", 2).unwrap();
        assert_eq!(unequal.rows, array![[2.0, 3.0], [5.0, 6.0]]);
    }

    #[test]
    fn anything_else_is_refused_with_what_was_seen() {
        let seen = |body: &str, n: usize| match rows(body, n).unwrap_err() {
            MalformedAnswer::Shape { seen, .. } => seen,
            other => panic!("{other}"),
        };
        assert_eq!(seen("[[1, 2], [3, 4]]", 3), "[2][2]");
        assert_eq!(seen("[[1, 2], [3]]", 2), "[2][1 to 2]");
        assert_eq!(seen("[[], []]", 2), "[2][0]");
        assert_eq!(
            seen("[[[[1, 2], [3, 4]]], [[[5, 6]], [[7, 8]]]]", 2),
            "[2][1 to 2][1 to 2][2]"
        );
        assert_eq!(seen("[1, 2]", 2), "[2]");
        assert_eq!(rows("[[1, [2]]]", 1), Err(MalformedAnswer::NoVectors));
        assert_eq!(rows("[[1, null]]", 1), Err(MalformedAnswer::NoVectors));
        assert_eq!(
            rows(r#"{"error": "canary"}"#, 1),
            Err(MalformedAnswer::NoVectors)
        );
        assert_eq!(rows("[[1, NaN]]", 1), Err(MalformedAnswer::NotJson));
        assert_eq!(rows("[[1, 2], [3", 2), Err(MalformedAnswer::NotJson));
        assert_eq!(rows("[[1, 1e39]]", 1), Err(MalformedAnswer::NotFinite));
        assert_eq!(
            rows(
                r#"{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [2]}]}"#,
                2
            ),
            Err(MalformedAnswer::NoVectors)
        );
        assert_eq!(rows("[]", 0).unwrap().nrows(), 0);
    }
}
