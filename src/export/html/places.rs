//! Where documents came from, as whoever gets the report can make use of it.
//!
//! A path is shown from the input on that it lies below. What stands before says nothing to anybody
//! else, and often names the person who made the report.

use std::collections::BTreeSet;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use crate::message::count;
use crate::text::{Input, Source};

/// Names in the title before the rest is counted.
const MAX_NAMES: usize = 3;

/// How places are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Each input that is a path, and what is not shown of what lies below it; may be empty.
    roots: Vec<(PathBuf, String)>,
}

impl Places {
    /// Shown from the name of the input on; of inputs that share a name, from where they part.
    pub fn of(inputs: &[Input]) -> Self {
        let paths = inputs.iter().filter_map(|input| match input {
            Input::Path(path) => Some(path.as_path()),
            Input::Pasted(_) | Input::Sample => None,
        });
        let paths: BTreeSet<&Path> = paths.collect();
        let parent = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
        let names: BTreeSet<_> = paths.iter().map(|path| path.file_name()).collect();
        let common = if names.len() < paths.len() {
            let parents = paths.iter().map(|path| parent(path));
            parents.reduce(|a, b| shared(&a, &b))
        } else {
            None
        };
        let hidden = |path: &Path| prefix(common.as_deref().unwrap_or(&parent(path)));
        let roots = paths.iter().map(|path| (path.to_path_buf(), hidden(path)));
        Self {
            roots: roots.collect(),
        }
    }

    /// A source.
    pub fn source(&self, source: &Source) -> String {
        let text = source.to_string();
        let is_below = |file: &Path| self.roots.iter().find(|(root, _)| file.starts_with(root));
        let root = source.file().and_then(is_below);
        let short = root.and_then(|(_, hidden)| text.strip_prefix(hidden.as_str()));
        short.map(str::to_owned).unwrap_or(text)
    }

    /// A sentence in which a path comes last, as in all of ours.
    pub fn sentence(&self, text: &str) -> String {
        self.roots
            .iter()
            .fold(text.to_owned(), |text, (root, hidden)| {
                let root = root.display().to_string();
                let shown = root.strip_prefix(hidden.as_str()).unwrap_or(&root);
                text.replace(&format!(": {root}"), &format!(": {shown}"))
            })
    }
}

/// What a path in this folder begins with; nothing for a bare root, without which a path looks like
/// another.
fn prefix(folder: &Path) -> String {
    let is_bare = |part: Component<'_>| matches!(part, Component::RootDir | Component::Prefix(_));
    if folder.components().all(is_bare) {
        String::new()
    } else {
        format!("{}{MAIN_SEPARATOR}", folder.display())
    }
}

/// The parts that both begin with.
fn shared(a: &Path, b: &Path) -> PathBuf {
    let both = a.components().zip(b.components());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

/// What each input is called; pasted texts are counted.
pub fn names(inputs: &[Input]) -> Vec<String> {
    let name = |input: &Input| match input {
        Input::Path(path) => Some(path_name(path)),
        Input::Sample => Some("the sample".into()),
        Input::Pasted(_) => None,
    };
    let mut names: Vec<String> = inputs.iter().filter_map(name).collect();
    let n_pasted = inputs.len() - names.len();
    if n_pasted > 0 {
        names.push(count(n_pasted, "pasted text"));
    }
    names
}

fn path_name(path: &Path) -> String {
    // "." has no name, but the folder that it is has one.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = whole.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// `reports, letters, notes and 4 more`.
pub fn title(names: &[String]) -> String {
    match names {
        [] => "Nothing".into(),
        [name] => name.clone(),
        [names @ .., last] if names.len() < MAX_NAMES => format!("{} and {last}", names.join(", ")),
        _ => format!(
            "{} and {} more",
            names[..MAX_NAMES].join(", "),
            names.len() - MAX_NAMES
        ),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn inputs(paths: &[&str]) -> Vec<Input> {
        paths.iter().map(|path| Input::Path(path.into())).collect()
    }

    #[track_caller]
    fn check(paths: &[&str], file: &str, expected: &str) {
        let places = Places::of(&inputs(paths));
        assert_eq!(places.source(&Source::File(file.into())), expected);
    }

    #[test]
    fn a_path_is_shown_from_its_input_on() {
        check(&["/home/ann/tides"], "/home/ann/tides/a.txt", "tides/a.txt");
        check(&["docs"], "docs/a.txt", "docs/a.txt");
        check(&["../docs"], "../docs/a.txt", "docs/a.txt");
        check(&["."], "./a.txt", "./a.txt");
        check(&["/home/ann/a.csv"], "/home/ann/a.csv", "a.csv");
        check(&["/docs"], "/docs/a.txt", "/docs/a.txt");
    }

    #[test]
    fn inputs_of_one_name_stay_apart() {
        let paths = ["/home/ann/old/docs", "/home/ann/new/docs"];
        check(&paths, "/home/ann/old/docs/a.txt", "old/docs/a.txt");
        let paths = ["/mnt/docs", "/home/docs"];
        check(&paths, "/mnt/docs/a.txt", "/mnt/docs/a.txt");
    }

    #[test]
    fn inputs_that_lie_far_apart_hide_as_much() {
        let paths = ["/home/ann/docs", "/nowhere.txt", "b"];
        check(&paths, "/home/ann/docs/a.txt", "docs/a.txt");
        check(&paths, "/nowhere.txt", "/nowhere.txt");
        check(&paths, "b/a.txt", "b/a.txt");
        // From another place, as a workspace may bring it.
        check(&paths, "/home/ann/other/a.txt", "/home/ann/other/a.txt");
        let nested = ["/home/ann/docs/sub", "/home/ann/docs"];
        check(&nested, "/home/ann/docs/sub/a.txt", "docs/sub/a.txt");
    }

    #[test]
    fn paths_in_sentences_are_shown_so_too() {
        let places = Places::of(&inputs(&["/home/ann/tides"]));
        assert_eq!(
            places.sentence("column “a: b” was read as the text: /home/ann/tides/t.csv"),
            "column “a: b” was read as the text: tides/t.csv"
        );
        let nothing = Places::of(&[Input::Sample]);
        assert_eq!(
            nothing.sentence("1 row: sample/a.csv"),
            "1 row: sample/a.csv"
        );
        let row = Source::Row {
            file: "/home/ann/tides/t.csv".into(),
            row: 3,
        };
        assert_eq!(places.source(&row), "tides/t.csv, row 3");
    }

    #[test]
    fn the_title_names_a_few_inputs_and_counts_the_others() {
        let title_of = |paths: &[&str]| title(&names(&inputs(paths)));
        assert_eq!(title_of(&["/a/reports/"]), "reports");
        assert_eq!(title_of(&["/a/x", "/a/y.csv"]), "x and y.csv");
        assert_eq!(title_of(&["a", "b", "c", "d"]), "a, b, c and 1 more");
        assert_eq!(title_of(&["/"]), "/");
        assert_ne!(title_of(&["."]), ".");
        let pasted = [
            Input::Pasted("x".into()),
            Input::Sample,
            Input::Pasted("y".into()),
        ];
        assert_eq!(title(&names(&pasted)), "the sample and 2 pasted texts");
    }
}
