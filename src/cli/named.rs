//! Which item a file on the command line means.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::message::count;
use crate::session::Session;

/// The one item that was read from a file, whichever way the file is named. A file whose text is that
/// of another means the other.
///
/// # Errors
/// A sentence for people when there is none, or more than one.
pub fn item_of(session: &Session, file: &Path) -> anyhow::Result<usize> {
    let items = session.items().context("nothing was embedded")?;
    let from = |is_meant: &dyn Fn(&Path) -> bool| -> Vec<usize> {
        let is_from = |item: &usize| {
            let document = items.document(*item);
            let mut sources = [&document.source].into_iter().chain(&document.copies);
            sources.any(|source| source.file().is_some_and(is_meant))
        };
        (0..items.n()).filter(is_from).collect()
    };
    let mut found = from(&|other| other.starts_with(file));
    if found.is_empty()
        && let Ok(whole) = fs::canonicalize(file)
    {
        found = from(&|other| fs::canonicalize(other).is_ok_and(|other| other.starts_with(&whole)));
    }
    match found[..] {
        [item] => Ok(item),
        [] => bail!(
            "{} is not among the files that were read; name it, or its folder, too",
            file.display()
        ),
        _ => bail!(
            "{} holds {}, where one is wanted",
            file.display(),
            count(found.len(), "document")
        ),
    }
}
