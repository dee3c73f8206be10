//! What the user made comes back, here and elsewhere, and is never lost.

use std::fs;
use std::path::Path;

use semascope::analysis::{ClusterCount, ClusterMethod, HdbscanRule, ProjectionMethod};
use semascope::embed::EmbedderChoice;
use semascope::progress::Progress;
use semascope::session::{
    Column, Command, DuplicateThreshold, Level, MapRule, Opened, Poles, RowOrder, SemanticAxes,
    Session, Settings, Sorting, Wanted, encode,
};
use semascope::text::Tools;
use semascope::workspace;

const TEXTS: [&str; 4] = [
    "The tide runs out past the harbor wall.",
    "High water comes an hour later each day.",
    "Bake the loaf until its crust is brown.",
    "Knead the dough and let it rise.",
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (i, text) in TEXTS.iter().enumerate() {
        fs::write(folder.path().join(format!("{i}.txt")), text).unwrap();
    }
    folder
}

fn finished(session: &mut Session) {
    while let Some(work) = session.due().into_iter().next() {
        session.begin(&work);
        session.absorb(work.run(&Progress::new()));
    }
}

fn explored(folder: &Path) -> Session {
    let mut session = Session::new(Settings::default(), Tools::default());
    session.apply(Command::AddPaths(vec![folder.into()]));
    finished(&mut session);
    session.apply(Command::Select(Some(2)));
    session.apply(Command::Compare(1, 3));
    let source = session.items().unwrap().document(0).source.clone();
    session.apply(Command::SetTags(source, "sea, read twice".into()));
    session.apply(Command::Search("bread".into()));
    let sorting = Sorting {
        column: Column::Tokens,
        is_descending: true,
    };
    session.apply(Command::Sort(Some(sorting)));
    let some = Wanted::Between(1.0, 1e6);
    session.apply(Command::Want(Column::Tokens, Some(some)));
    finished(&mut session);
    session
}

fn opened(bytes: &[u8]) -> Session {
    let mut session = Session::new(Settings::default(), Tools::default());
    session.restore(Opened::decode(bytes).unwrap(), None);
    finished(&mut session);
    session
}

#[test]
fn a_workspace_brings_back_what_was_open_selected_and_tagged() {
    let folder = folder();
    let before = explored(folder.path());
    let bytes = encode(&before.user_state("compare"), None).unwrap();
    assert_eq!(Opened::decode(&bytes).unwrap().view(), "compare");
    let after = opened(&bytes);
    assert_eq!(after.user_state("compare"), before.user_state("compare"));
    assert_eq!(after.selection.selected, Some(2));
    assert_eq!(after.sorting(), before.sorting());
    assert_eq!(after.narrowing(), before.narrowing());
    assert_eq!(after.rows(), before.rows());
    assert_eq!(after.selection.compared, Some((1, 3)));
    let items = after.items().unwrap();
    assert_eq!(after.tags(&items.document(0).source), "sea, read twice");
    assert_eq!(
        after.search_hits().unwrap().hits[0].item,
        before.search_hits().unwrap().hits[0].item
    );
}

#[test]
fn with_documents_it_opens_where_they_are_not_and_embeds_nothing() {
    let gone = folder();
    let before = explored(gone.path());
    let embedded = before.items().unwrap().embedded().clone();
    let bytes = encode(&before.user_state("map"), Some(&embedded)).unwrap();
    drop(gone);
    let after = opened(&bytes);
    let items = after.items().unwrap();
    assert_eq!(items.embedded().reuse.embedded, 0);
    assert_eq!(items.embedded().corpus.documents, embedded.corpus.documents);
    assert_eq!(items.embeddings().view(), embedded.document_vectors.view());
    assert_eq!(after.selection.selected, Some(2));
    // What is added there joins what came, and is all that is embedded.
    let more = folder();
    let mut after = after;
    fs::write(more.path().join("new.txt"), "A ferry crosses the bay.").unwrap();
    after.apply(Command::AddPaths(vec![more.path().join("new.txt")]));
    finished(&mut after);
    let items = after.items().unwrap();
    assert_eq!(
        (items.n(), items.embedded().reuse.embedded),
        (TEXTS.len() + 1, 1)
    );
    assert!(after.corpus().unwrap().skipped.is_empty());
    // Without them there is nothing to open, and that is said.
    let bare = opened(&encode(&before.user_state("map"), None).unwrap());
    assert!(bare.items().is_none());
    assert_eq!(bare.corpus().unwrap().skipped[0].reason, "does not exist");
}

#[test]
fn settings_come_back_and_passages_keep_their_selection() {
    let folder = tempfile::tempdir().unwrap();
    let long = TEXTS.join(" ").repeat(30);
    fs::write(folder.path().join("long.txt"), format!("{long}\n")).unwrap();
    let mut session = Session::new(Settings::default(), Tools::default());
    session.apply(Command::AddPaths(vec![folder.path().into()]));
    session.apply(Command::SetLevel(Level::Passages));
    finished(&mut session);
    session.apply(Command::Select(Some(1)));
    let after = opened(&encode(&session.user_state("map"), None).unwrap());
    assert_eq!(after.settings.level, Level::Passages);
    assert_eq!(after.selection.selected, Some(1));
}

/// What a workspace brings back, before any work is done.
fn restored(bytes: &[u8]) -> Session {
    let mut session = Session::new(Settings::default(), Tools::default());
    session.restore(Opened::decode(bytes).unwrap(), None);
    session
}

#[test]
fn all_that_decides_what_is_worked_out_comes_back() {
    let poles = |from: &str, to: &str| Poles {
        from: from.into(),
        to: to.into(),
    };
    let mut map = MapRule {
        axes: Some(SemanticAxes {
            across: poles("refund", "praise"),
            up: Some(poles("short", "long")),
        }),
        ..MapRule::default()
    };
    map.projection.method = ProjectionMethod::Umap;
    map.projection.n_axes = 3;
    let second = EmbedderChoice::Folder("/no/such/model".into());
    let density = HdbscanRule {
        min_cluster_size: Some(7),
        min_samples: None,
    };
    let commands = [
        Command::OpenSample,
        Command::SetClusterMethod(ClusterMethod::Hdbscan(density)),
        Command::SetClusterCount(ClusterCount::Fixed(9)),
        Command::SetMap(map),
        Command::SetOrder(RowOrder::Folders),
        Command::SetDuplicateThreshold(DuplicateThreshold::Fixed(0.875)),
        Command::LeaveOutBoilerplate(true),
        Command::SetSecondModel(Some(second)),
        Command::Search("bread".into()),
        Command::Filter("/rye|wheat/".into()),
    ];
    let mut before = Session::new(Settings::default(), Tools::default());
    for command in commands {
        before.apply(command);
    }
    let after = restored(&encode(&before.user_state("duplicates"), None).unwrap());
    assert_eq!(after.settings, before.settings);
    assert_eq!(after.query(), before.query());
    assert_eq!(
        after.user_state("duplicates"),
        before.user_state("duplicates")
    );
}

#[test]
fn a_file_that_knows_less_opens_with_what_is_usual() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("workspace.json", zip::write::SimpleFileOptions::default())
        .unwrap();
    let old = br#"{"version": 1, "inputs": ["sample"], "query": "bread", "view": "map",
        "settings": {"model": "bundled", "passages": true, "clusters": 4}}"#;
    std::io::Write::write_all(&mut zip, old).unwrap();
    let session = restored(&zip.finish().unwrap().into_inner());
    let mut expected = Settings {
        level: Level::Passages,
        ..Settings::default()
    };
    expected.cluster.count = ClusterCount::Fixed(4);
    assert_eq!(session.settings, expected);
    assert_eq!(session.query().words, "bread");
}

#[test]
fn what_is_no_workspace_is_refused_and_a_newer_one_is_known() {
    for bytes in [&b""[..], b"not a zip", &[0x50, 0x4B, 5, 6]] {
        assert!(Opened::decode(bytes).is_err());
    }
    let folder = folder();
    let before = explored(folder.path());
    let whole = encode(
        &before.user_state("map"),
        Some(before.items().unwrap().embedded()),
    )
    .unwrap();
    for end in (0..whole.len()).step_by(97) {
        assert!(Opened::decode(&whole[..end]).is_err(), "cut at {end}");
    }
    // A file of version 2, with a field that nobody knows yet.
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("workspace.json", zip::write::SimpleFileOptions::default())
        .unwrap();
    std::io::Write::write_all(
        &mut zip,
        br#"{"version": 2, "inputs": ["sample"], "novelty": [1, 2], "view": "globe"}"#,
    )
    .unwrap();
    let newer = Opened::decode(&zip.finish().unwrap().into_inner()).unwrap();
    assert!(newer.is_newer);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_kept() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join("a.txt"), TEXTS[0]).unwrap();
    let mut session = Session::new(Settings::default(), Tools::default());
    session.apply(Command::AddPaths(vec![odd]));
    let after = opened(&encode(&session.user_state("map"), None).unwrap());
    assert_eq!(after.items().unwrap().n(), 1);
}

#[test]
fn a_second_window_gets_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.semascope");
    let session = Session::new(Settings::default(), Tools::default());
    workspace::save(&path, &encode(&session.user_state("map"), None).unwrap()).unwrap();
    let first = workspace::open(&path, Some(folder.path())).unwrap();
    assert!(first.lock.is_some());
    assert!(
        workspace::open(&path, Some(folder.path()))
            .unwrap()
            .lock
            .is_none()
    );
    drop(first);
    assert!(
        workspace::open(&path, Some(folder.path()))
            .unwrap()
            .lock
            .is_some()
    );
}
