//! Semascope shows what a pile of documents is about and which of them say the same thing.
//!
//! Text becomes vectors, vectors become pictures, and nothing flows back. Each step is a plain
//! function from immutable inputs to an immutable result, taking [`&Progress`](progress::Progress).
//! A [`Session`](session::Session) knows which results exist, which request made each, and what is
//! therefore due. The window and the command line are two thin ways of turning the same wheel;
//! the server is the encoder alone.
//!
//! # Layers
//!
//! A file may import its own folder and what stands to its right; a test checks it.
//!
//! | layer | module | may import |
//! |---|---|---|
//! | 0 | [`progress`], [`vectors`], [`memory`], [`storage`] | nothing of ours |
//! | 0 | [`message`] | `progress` |
//! | 0 | [`cache`] | `message` |
//! | 1 | [`text`] | `progress`, `message`, `cache`, `memory` |
//! | 1 | [`embed`] | `vectors`, `progress`, `message`, `cache` |
//! | 1 | [`analysis`] | `vectors`, `progress` |
//! | 2 | [`session`] | layers 0 and 1 |
//! | 2 | [`jobs`] | `progress` |
//! | 3 | [`export`], [`workspace`] | `session` and below |
//! | 4 | [`cli`] | everything but `ui` |
//! | 4 | `ui` | everything but `cli`; the only place that names egui |
//! | 4 | `serve` | `embed`, `jobs` and layer 0; besides `embed`, the only place that is asynchronous |
//!
//! # Invariants
//!
//! - Row `i` of every matrix, point list and label list belongs to item `i`; an item is a document
//!   or a passage, as the settings say.
//! - Embedding rows have length 1. A document's vector is the length-1 sum of its passages' vectors
//!   weighted by their token counts.
//! - `analysis` is a function of its arguments: the same bits for any number of threads.
//! - Results are immutable once ready and shared by `Arc`. Only the loop that turns the wheel
//!   changes a session.
//! - Nothing allocates n × n above a stated limit, and nothing is cut, sampled or capped silently.
//! - Nothing is written below the user's folders, and nothing leaves the computer unless
//!   a person named a destination and agreed (`embed::remote`; `embed::NetworkGate` is the switch).
//!
//! # Reading order
//!
//! [`session`] (what exists and what is due), then [`text`], [`embed`] and [`analysis`] as the work
//! calls them, then `ui` or [`cli`].

pub mod analysis;
pub mod cache;
pub mod cli;
pub mod embed;
pub mod export;
pub mod jobs;
pub mod memory;
pub mod message;
pub mod progress;
#[cfg(feature = "serve")]
pub mod serve;
pub mod session;
pub mod storage;
pub mod text;
#[cfg(feature = "gui")]
pub mod ui;
pub mod vectors;
pub mod workspace;
