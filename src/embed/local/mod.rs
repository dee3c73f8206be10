//! Models that run on this computer.

mod candle;
mod files;
mod pooling;
mod tokenize;

#[cfg_attr(not(feature = "hub"), path = "hub_disabled.rs")]
mod hub;

pub use candle::CandleBert;
pub use files::{FilesError, ModelFiles};
pub use hub::fetch;
