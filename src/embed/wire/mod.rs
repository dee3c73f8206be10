//! Bodies of requests for embeddings and of their answers, as model servers speak them.
//!
//! `ask` and `answer` are a server's side, `sent` and `got` a client's.
//!
//! Pure: bytes in, values out, no HTTP. Nothing here repeats what it read: an error names a place
//! and what was expected there, since the texts are somebody's and errors end up in logs.

mod answer;
mod ask;
mod got;
mod sent;

pub use answer::{base64_floats, json_rows, line_answers, little_endian, openai_answer};
pub use ask::{Ask, Line, MalformedAsk, ask, asked_lines, openai_ask};
pub use got::{Got, MalformedAnswer, got};
pub use sent::{Form, json_bytes, sent};
