//! Fetches a model from the hub, only when the user asked for one by name.
//!
//! hf-hub 0.5 with ureq, not 1.0: the newer release brings an async runtime and its own storage
//! protocol, 289 crates instead of about 40, for the same six files.

use std::path::PathBuf;

use hf_hub::Cache;
use hf_hub::api::sync::{ApiBuilder, ApiError};

use crate::embed::{EmbedError, NetworkGate};
use crate::progress::Progress;

const REQUIRED: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
const OPTIONAL: [&str; 3] = [
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
];

const OFFLINE: &str =
    "Connect to the network once, or choose a folder that holds the model with --model";
const UNKNOWN: &str = "The hub has no such model, or it lacks config.json, tokenizer.json or \
    model.safetensors. Check its name, or choose a folder that holds the model with --model";

/// Fetches the files of `OWNER/NAME`, or finds them in the hub's cache, and returns their folder.
/// `HF_ENDPOINT` and `HF_HOME` are honored.
///
/// # Errors
/// [`EmbedError::Fetch`] says whether the network or the name is at fault.
pub fn fetch(name: &str, progress: &Progress) -> Result<PathBuf, EmbedError> {
    if let Some(folder) = cached(name) {
        return Ok(folder);
    }
    let _gate = NetworkGate::open()?;
    let api = ApiBuilder::from_env().with_progress(false).build();
    let repo = api
        .map_err(|error| failed(name, error))?
        .model(name.to_owned());
    for file in OPTIONAL {
        match repo.download_with_progress(file, Fetching(progress.clone())) {
            Err(error) if status(&error) != Some(404) => return Err(failed(name, error)),
            _ => progress.check()?,
        }
    }
    let mut folder = PathBuf::new();
    for file in REQUIRED {
        let path = repo.download_with_progress(file, Fetching(progress.clone()));
        folder = path.map_err(|error| failed(name, error))?;
        folder.pop();
        progress.check()?;
    }
    Ok(folder)
}

/// The folder of a model that was fetched before, so that it works without the network.
fn cached(name: &str) -> Option<PathBuf> {
    let repo = Cache::from_env().model(name.to_owned());
    let paths: Option<Vec<PathBuf>> = REQUIRED.iter().map(|file| repo.get(file)).collect();
    Some(paths?.first()?.parent()?.to_owned())
}

struct Fetching(Progress);

impl hf_hub::api::Progress for Fetching {
    fn init(&mut self, size: usize, _filename: &str) {
        self.0.step("Fetching the model", size);
    }

    fn update(&mut self, size: usize) {
        // A download cannot be interrupted from here; a stop is answered between two files, and
        // the abandoned job's result is dropped.
        let _ = self.0.advance(size);
    }

    fn finish(&mut self) {}
}

fn status(error: &ApiError) -> Option<u16> {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::StatusCode(status) => Some(status),
            _ => None,
        },
        ApiError::TooManyRetries(error) => status(error),
        _ => None,
    }
}

fn failed(name: &str, error: ApiError) -> EmbedError {
    EmbedError::Fetch {
        name: name.to_owned(),
        hint: if status(&error).is_some() {
            UNKNOWN
        } else {
            OFFLINE
        },
        source: Some(Box::new(error)),
    }
}
