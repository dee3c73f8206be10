//! Choosing many, tagging, filtering and sorting, and going back: on the session, without a window.

use std::fs;

use semascope::embed::EmbedderChoice;
use semascope::export::listed as listed_csv;
use semascope::progress::Progress;
use semascope::session::{Column, Combine, Command, Session, Settings, Sorting, Wanted};
use semascope::text::{FieldKind, Tools};

use crate::support::repository;

const TABLE: &str = "title,text,stars,when\n\
    Ebb,The tide goes out twice a day,5,2026-03-01\n\
    hive,Bees keep honey in their hive,2,2026-01-15\n\
    Flood,The tide comes in over the sand,3,\n\
    Swarm,Bees leave the hive in a swarm,,2026-02-20\n";

fn turn(session: &mut Session) {
    while let Some(work) = session.due().into_iter().next() {
        session.begin(&work);
        let outcome = work.run(&Progress::new());
        session.absorb(outcome);
    }
}

fn apply(session: &mut Session, command: Command) {
    session.apply(command);
    turn(session);
}

/// Four rows of a table, by a tiny model.
fn session() -> Session {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.csv");
    fs::write(&file, TABLE).unwrap();
    let settings = Settings {
        model: EmbedderChoice::Folder(repository("tests/fixtures/models/bert")),
        ..Settings::default()
    };
    let mut session = Session::new(settings, Tools::default());
    apply(&mut session, Command::AddPaths(vec![file]));
    session
}

fn listed(session: &Session) -> Vec<String> {
    let items = session.items().unwrap();
    let rows = session.rows().unwrap();
    assert_eq!(rows.passing.len() + rows.n_left_out, items.n());
    let titles = rows
        .order
        .iter()
        .map(|item| items.title(*item).into_owned());
    titles.collect()
}

fn sort(session: &mut Session, column: Column, is_descending: bool) -> Vec<String> {
    let sorting = Sorting {
        column,
        is_descending,
    };
    apply(session, Command::Sort(Some(sorting)));
    listed(session)
}

#[test]
fn rows_are_sorted_by_any_column_with_what_is_missing_last() {
    let mut session = session();
    assert_eq!(listed(&session), ["Ebb", "hive", "Flood", "Swarm"]);
    let by =
        |session: &mut Session, name: &str, down| sort(session, Column::Field(name.into()), down);
    assert_eq!(
        sort(&mut session, Column::Title, false),
        ["Ebb", "Flood", "hive", "Swarm"]
    );
    assert_eq!(
        by(&mut session, "stars", false),
        ["hive", "Flood", "Ebb", "Swarm"]
    );
    assert_eq!(
        by(&mut session, "stars", true),
        ["Ebb", "Flood", "hive", "Swarm"]
    );
    assert_eq!(
        by(&mut session, "when", false),
        ["hive", "Swarm", "Ebb", "Flood"]
    );
    let facts = session.facts().unwrap();
    assert_eq!(facts.kind(&Column::Field("when".into())), FieldKind::Date);
    assert_eq!(
        facts.kind(&Column::Field("stars".into())),
        FieldKind::Number
    );
    // Every column that is offered has something to say.
    for column in facts.columns() {
        let is_empty = (0..4).all(|item| facts.cell(&column, item).to_string().is_empty());
        let may_be = matches!(column, Column::Tags | Column::Language);
        assert!(!is_empty || may_be, "{column:?}");
    }
}

#[test]
fn filters_leave_out_what_does_not_pass() {
    let mut session = session();
    let stars = Column::Field("stars".into());
    apply(
        &mut session,
        Command::Want(stars.clone(), Some(Wanted::Between(3.0, 5.0))),
    );
    assert_eq!(listed(&session), ["Ebb", "Flood"]);
    let letters = Wanted::Letters("EB".into());
    apply(&mut session, Command::Want(Column::Title, Some(letters)));
    assert_eq!(listed(&session), ["Ebb"]);
    assert!(session.passes(0) && !session.passes(2));
    apply(&mut session, Command::Want(stars, None));
    apply(&mut session, Command::Filter("hive".into()));
    assert_eq!(listed(&session), Vec::<String>::new());
    apply(&mut session, Command::ShowAll);
    assert_eq!(listed(&session).len(), 4);

    let cluster = session.clusters().unwrap().clustering.labels[0];
    apply(&mut session, Command::ShowCluster(cluster, false));
    assert!(!session.passes(0));
    apply(&mut session, Command::ShowCluster(cluster, true));
    assert!(session.passes(0));
}

#[test]
fn the_chosen_are_tagged_and_hidden_together() {
    let mut session = session();
    apply(
        &mut session,
        Command::Choose(vec![0, 2, 99], Combine::Replace),
    );
    assert_eq!(session.selection.chosen.len(), 2);
    apply(&mut session, Command::TagChosen("tide, high sea".into()));
    apply(&mut session, Command::TagChosen("high sea".into()));
    let tags = |session: &Session, item: usize| {
        let items = session.items().unwrap();
        session.tags(&items.document(item).source).to_owned()
    };
    assert_eq!(
        [tags(&session, 0), tags(&session, 1)],
        ["tide, high sea", ""]
    );
    apply(&mut session, Command::UntagChosen("high sea".into()));
    assert_eq!(tags(&session, 2), "tide");
    let tagged = Wanted::Letters("tide".into());
    apply(&mut session, Command::Want(Column::Tags, Some(tagged)));
    assert_eq!(listed(&session), ["Ebb", "Flood"]);
    apply(&mut session, Command::ShowAll);

    apply(&mut session, Command::HideChosen);
    assert_eq!(listed(&session), ["hive", "Swarm"]);
    apply(&mut session, Command::ChooseAll);
    assert_eq!(session.selection.chosen.iter().collect::<Vec<_>>(), [1, 3]);
    apply(&mut session, Command::ShowAll);
    apply(&mut session, Command::ShowChosenOnly);
    assert_eq!(listed(&session), ["hive", "Swarm"]);
}

#[test]
fn every_step_can_be_undone_and_done_again() {
    let mut session = session();
    let before = session.user_state("map");
    apply(&mut session, Command::Select(Some(1)));
    apply(&mut session, Command::Choose(vec![0, 1], Combine::Replace));
    apply(&mut session, Command::TagChosen("x".into()));
    apply(&mut session, Command::HideChosen);
    apply(&mut session, Command::Filter("sand".into()));
    // Typing goes on with one step.
    let source = session.items().unwrap().document(3).source.clone();
    for typed in ["y", "ye", "yes"] {
        apply(&mut session, Command::SetTags(source.clone(), typed.into()));
    }
    let after = session.user_state("map");
    let hidden = session.narrowing().hidden.clone();
    assert_eq!(session.history().can_undo(), Some("Tag"));
    for _ in 0..6 {
        apply(&mut session, Command::Undo);
    }
    assert_eq!(session.user_state("map"), before);
    assert_eq!(listed(&session).len(), 4);
    assert_eq!(
        (session.history().can_undo(), session.selection.selected),
        (None, None)
    );
    for _ in 0..6 {
        apply(&mut session, Command::Redo);
    }
    assert_eq!(session.user_state("map"), after);
    assert_eq!(session.narrowing().hidden, hidden);
    assert_eq!(session.history().can_redo(), None);
    // What the mouse is over is no step.
    apply(&mut session, Command::Undo);
    apply(&mut session, Command::Hover(Some(2)));
    assert_eq!(session.history().can_redo(), Some("Tag"));
}

#[test]
fn the_table_is_written_as_it_is_listed() {
    let mut session = session();
    sort(&mut session, Column::Title, true);
    let written = |session: &Session| String::from_utf8(listed_csv(session).unwrap()).unwrap();
    let lines = |text: &str| -> Vec<String> {
        let titles = text
            .lines()
            .map(|line| line.split(',').next().unwrap().to_owned());
        titles.collect()
    };
    assert_eq!(
        lines(&written(&session)),
        ["Title", "Swarm", "hive", "Flood", "Ebb"]
    );
    let written_now = written(&session);
    let heading = written_now.lines().next().unwrap();
    assert!(
        heading.contains(",stars") && heading.ends_with(",when"),
        "{heading}"
    );
    apply(&mut session, Command::Choose(vec![1, 2], Combine::Replace));
    assert_eq!(lines(&written(&session)), ["Title", "hive", "Flood"]);
}
