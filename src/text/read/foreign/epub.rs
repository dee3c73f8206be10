//! E-books: a zip file of XHTML chapters, in the order of the spine.

use std::collections::HashMap;

use super::super::Reason;
use super::super::draft::Draft;
use super::archive::Archive;
use super::html;
use super::xml::{self, Node, attribute};
use crate::text::Place;

/// Reads a book.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let mut archive = Archive::open(bytes)?;
    if archive.has("META-INF/encryption.xml") && is_locked(&mut archive)? {
        return Err("it is locked by its publisher (DRM)".into());
    }
    let package_path = package_path(&mut archive)?;
    let package = archive
        .read(&package_path)?
        .ok_or("a book without its package file")?;
    let package = Package::read(&package)?;
    let mut draft = Draft {
        title: package.title,
        ..Draft::default()
    };
    draft.about("author", package.author.as_deref());
    draft.about("date", package.date.as_deref());
    let folder = package_path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let mut n_missing = 0;
    for href in &package.chapters {
        let Some(chapter) = archive.read(&joined(folder, href))? else {
            n_missing += 1;
            continue;
        };
        let chapter = html::read(&chapter)?;
        // A chapter without a heading is called by its title.
        let has_heading = matches!(chapter.marks.first(), Some(mark) if mark.at == 0);
        if let Some(title) = chapter.title.as_ref().filter(|_| !has_heading) {
            draft.mark(Place::Heading(title.clone()));
        }
        draft.append(&chapter);
    }
    if n_missing > 0 {
        draft.notes.push(format!(
            "{n_missing} of {} chapters are missing in the file",
            package.chapters.len()
        ));
    }
    Ok(draft)
}

/// Fonts are often obfuscated; only encrypted chapters lock a book.
fn is_locked(archive: &mut Archive<'_>) -> Result<bool, Reason> {
    let list = archive.read("META-INF/encryption.xml")?.unwrap_or_default();
    let text = String::from_utf8_lossy(&list).to_lowercase();
    Ok(text.contains(".xhtml\"") || text.contains(".html\"") || text.contains(".htm\""))
}

fn package_path(archive: &mut Archive<'_>) -> Result<String, Reason> {
    let container = archive
        .read("META-INF/container.xml")?
        .ok_or("a book without its container file")?;
    let mut path = None;
    xml::walk(&container, &mut |node| {
        if let Node::Open(tag) = node
            && tag.local_name().as_ref() == "rootfile"
            && path.is_none()
        {
            path = attribute(tag, "full-path");
        }
        Ok(())
    })?;
    path.ok_or_else(|| "a book whose container names no package".into())
}

#[derive(Default)]
struct Package {
    title: Option<String>,
    author: Option<String>,
    date: Option<String>,
    chapters: Vec<String>,
}

impl Package {
    fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let mut package = Self::default();
        let mut hrefs = HashMap::new();
        let mut inside = String::new();
        xml::walk(bytes, &mut |node| {
            match node {
                Node::Open(tag) => {
                    tag.local_name().as_ref().clone_into(&mut inside);
                    match inside.as_str() {
                        "item" => {
                            let is_contents =
                                attribute(tag, "properties").is_some_and(|p| p.contains("nav"));
                            if let (Some(id), Some(href), false) =
                                (attribute(tag, "id"), attribute(tag, "href"), is_contents)
                            {
                                hrefs.insert(id, href);
                            }
                        }
                        "itemref" => {
                            let href =
                                attribute(tag, "idref").and_then(|id| hrefs.get(&id).cloned());
                            // The list may name a chapter twice; it is read once.
                            if let Some(href) = href.filter(|href| !package.chapters.contains(href))
                            {
                                package.chapters.push(href);
                            }
                        }
                        _ => {}
                    }
                }
                Node::Close(_) => inside.clear(),
                Node::Text(text) => {
                    let field = match inside.as_str() {
                        "title" => &mut package.title,
                        "creator" => &mut package.author,
                        "date" => &mut package.date,
                        _ => return Ok(()),
                    };
                    field.get_or_insert_default().push_str(text.trim());
                }
            }
            Ok(())
        })?;
        Ok(package)
    }
}

/// A path in the archive, `..` and percent signs resolved. It never leaves the archive.
fn joined(folder: &str, href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let decoded = percent_decoded(href);
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn percent_decoded(href: &str) -> String {
    let mut bytes = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_inside_the_archive() {
        assert_eq!(
            joined("OEBPS", "text/one%20two.xhtml#x"),
            "OEBPS/text/one two.xhtml"
        );
        assert_eq!(joined("a/b", "../c.xhtml"), "a/c.xhtml");
        assert_eq!(joined("", "../../../etc/passwd"), "etc/passwd");
    }
}
