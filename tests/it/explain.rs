//! Why two texts are alike: contributions of sentences that sum to the score.

use std::fs::File;
use std::sync::Arc;

use ndarray::Axis;
use semascope::analysis::Explanation;
use semascope::embed::{Embedder, EmbedderChoice, InstructionSet, PrecisionRule, open, open_on};
use semascope::progress::Progress;
use semascope::session::{Command, Comparison, Level, Session, Settings};
use semascope::text::Tools;
use semascope::vectors::Embeddings;

use crate::support::repository;

fn turn(session: &mut Session) {
    while let Some(work) = session.due().into_iter().next() {
        session.begin(&work);
        let outcome = work.run(&Progress::new());
        session.absorb(outcome);
    }
}

/// Texts of the sample, one of them of many passages, and one with a sentence that no passage holds.
fn session(level: Level, model: EmbedderChoice) -> Session {
    let settings = Settings {
        level,
        model,
        ..Settings::default()
    };
    let mut session = Session::new(settings, Tools::default());
    let folders = ["assets/sample/libraries", "assets/sample/tides"].map(repository);
    session.apply(Command::AddPaths(folders.into()));
    let endless = "the tide went out and the tide came in and ".repeat(60);
    let long = format!("The ferry was late. {endless}then it was night. Nobody minded.");
    session.apply(Command::AddPasted(long));
    session.apply(Command::AddPasted("Low water.".into()));
    turn(&mut session);
    session
}

fn compared(session: &mut Session, pair: (usize, usize)) -> Arc<Comparison> {
    session.apply(Command::Compare(pair.0, pair.1));
    turn(session);
    session.comparison().unwrap().clone()
}

#[track_caller]
fn check_sum(explanation: &Explanation, score: f32) {
    let sum: f64 = explanation
        .contributions
        .iter()
        .copied()
        .map(f64::from)
        .sum();
    let difference = (sum - f64::from(score)).abs();
    assert!(difference < 1e-5, "{sum} is not {score}");
}

#[test]
fn contributions_sum_to_the_displayed_cosine_on_both_levels() {
    for level in [Level::Documents, Level::Passages] {
        let mut session = session(level, EmbedderChoice::Bundled);
        let items = session.items().unwrap();
        let n = items.n();
        let n_passages = |item: &usize| items.passages_of(*item).len();
        let longest = (0..n).max_by_key(n_passages).unwrap();
        // Of the text whose second sentence spans passages.
        let ferry = (0..n)
            .find(|item| items.text(*item).starts_with("The ferry"))
            .unwrap();
        let short = (0..n)
            .find(|item| items.text(*item) == "Low water.")
            .unwrap();
        if level == Level::Documents {
            assert!(n_passages(&longest) > 8 && n_passages(&ferry) > 1);
        }
        let embeddings = items.embeddings().clone();
        let mut largest_difference = 0.0_f64;
        for pair in [
            (0, 1),
            (2, 12),
            (longest, 0),
            (longest, longest),
            (longest, ferry),
            (ferry, short),
            (short, 3),
        ] {
            let comparison = compared(&mut session, pair);
            let explanation = &comparison.explanation;
            let shape = (comparison.left.len() + 1, comparison.right.len() + 1);
            assert_eq!(explanation.contributions.dim(), shape);
            assert!(explanation.is_exact, "{level:?}, {pair:?}");
            check_sum(explanation, comparison.score);
            let sum: f64 = explanation
                .contributions
                .iter()
                .copied()
                .map(f64::from)
                .sum();
            let difference = (sum - f64::from(comparison.score)).abs();
            largest_difference = largest_difference.max(difference);

            let relative = comparison.relative.as_ref().unwrap();
            let mean = embeddings.view().mean_axis(Axis(0)).unwrap();
            let beyond = |item: usize| &embeddings.row(item) - &mean;
            check_sum(relative, beyond(pair.0).dot(&beyond(pair.1)));
        }
        println!("{level:?}: differs by {largest_difference:.1e} at most");
    }
}

#[test]
fn what_says_the_same_contributes_most_and_is_missed_most() {
    let mut session = session(Level::Documents, EmbedderChoice::Bundled);
    let items = session.items().unwrap();
    let find = |name: &str| {
        let mut all = 0..items.n();
        all.find(|item| items.document(*item).source.to_string().contains(name))
            .unwrap()
    };
    let pair = (
        find("rule-of-twelfths.txt"),
        find("rule-of-twelfths-revised.md"),
    );
    let comparison = compared(&mut session, pair);
    let explanation = &comparison.explanation;
    let share = explanation.of_sentences() / comparison.score;
    println!(
        "sentences: {:.0} % of {:.3}",
        share * 100.0,
        comparison.score
    );
    assert!(share > 0.5, "{share}");
    // Leaving out the sentence that contributes most costs more than leaving out the one that
    // contributes least.
    let left = explanation.left_totals();
    let by_total = |a: &usize, b: &usize| left[*a].total_cmp(&left[*b]);
    let n = comparison.left.len();
    let (most, least) = (
        (0..n).max_by(by_total).unwrap(),
        (0..n).min_by(by_total).unwrap(),
    );
    let without = &comparison.without.0;
    assert!(without[most] < without[least], "{without:?}");
}

#[test]
fn an_item_is_explained_against_a_center() {
    for level in [Level::Documents, Level::Passages] {
        let mut session = session(level, EmbedderChoice::Bundled);
        for item in [0, 4, session.items().unwrap().n() - 1] {
            session.apply(Command::Select(Some(item)));
            session.apply(Command::ExplainSelected(true));
            turn(&mut session);
            let (items, clusters) = (session.items().unwrap(), session.clusters().unwrap());
            let found = session.belonging().unwrap();
            let own = clusters.clustering.labels[item];
            assert_eq!((found.item, Some(found.cluster)), (item, own));
            // The center is the mean of the members, scaled to length 1.
            let members = &clusters.clustering.members()[found.cluster];
            let members = items.embeddings().select(members);
            let sum = members.view().sum_axis(Axis(0)).insert_axis(Axis(0));
            let center = Embeddings::normalized(sum);
            let cosine = items.embeddings().row(item).dot(&center.row(0));
            assert!((found.score - cosine).abs() < 1e-5);
            let parts = found.contributions.iter().chain([&found.residual]);
            let sum: f64 = parts.copied().map(f64::from).sum();
            assert!(
                (sum - f64::from(cosine)).abs() < 1e-5,
                "{sum} is not {cosine}"
            );
            assert_eq!(found.sentences.len(), found.contributions.len());
            assert_eq!(found.sentences.len(), found.without.len());
            assert!(found.is_exact);
            if let Some((other, nearer)) = found.next {
                assert!(other != found.cluster && nearer <= 1.0);
            }
        }
        // Another item is not explained by the last one's reasons.
        session.apply(Command::Select(Some(1)));
        assert!(session.belonging().is_none());
    }
}

#[test]
fn a_model_without_a_mean_is_explained_approximately() {
    let folder = repository("tests/fixtures/models/bert-cls");
    let mut session = session(Level::Documents, EmbedderChoice::Folder(folder));
    for pair in [(0, 1), (2, 3)] {
        let comparison = compared(&mut session, pair);
        assert!(!comparison.explanation.is_exact);
        check_sum(&comparison.explanation, comparison.score);
    }
}

fn texts(path: &str) -> Vec<String> {
    let texts: serde_json::Value =
        serde_json::from_reader(File::open(repository(path)).unwrap()).unwrap();
    let text = |text: &serde_json::Value| text.as_str().or(text["text"].as_str()).unwrap().into();
    texts.as_array().unwrap().iter().map(text).collect()
}

/// Token vectors must average to the text's vector, and stand for its words in order.
#[track_caller]
fn check_tokens(name: &str, model: &dyn Embedder, texts: &[String]) {
    let mut largest = 0.0_f32;
    for text in texts {
        let tokens = model.tokens(text, &Progress::new()).unwrap().unwrap();
        assert_eq!(tokens.vectors.nrows(), tokens.ranges.len(), "{name}");
        let mean = tokens.vectors.mean_axis(Axis(0)).unwrap();
        let mean = Embeddings::normalized(mean.insert_axis(Axis(0)));
        let vector = model.embed(&[text], &Progress::new()).unwrap();
        let vector = Embeddings::normalized(vector);
        let difference = (&mean.view() - &vector.view()).mapv(f32::abs);
        largest = difference.iter().fold(largest, |a, b| a.max(*b));

        let n_special = tokens.ranges.iter().filter(|range| range.is_none()).count();
        let n_tokens = model.n_tokens(text).min(model.max_text_tokens());
        assert_eq!(tokens.ranges.len() - n_special, n_tokens, "{name}: {text}");
        let places: Vec<_> = tokens.ranges.iter().flatten().collect();
        assert!(
            places.is_sorted_by_key(|range| range.start),
            "{name}: {text}"
        );
        // Every letter of the text is in a token, as far as the model reads.
        let end = places.last().map_or(0, |range| range.end);
        for (at, letter) in text.char_indices().filter(|(at, _)| *at < end) {
            let is_in = places.iter().any(|range| range.contains(&at));
            assert!(is_in || !letter.is_ascii_alphanumeric(), "{name}: {text}");
        }
    }
    println!("{name}: differs by {largest:.1e} at most");
    assert!(largest < 1e-5, "{name} differs by {largest}");
}

#[test]
fn tokens_average_to_the_text_in_every_way() {
    let texts = texts("tests/fixtures/golden/texts.json");
    for set in InstructionSet::available() {
        let model = open_on(&EmbedderChoice::Bundled, set, &Progress::new()).unwrap();
        check_tokens(&set.to_string(), &*model, &texts);
    }
}

#[test]
fn tokens_average_to_the_text_in_every_architecture() {
    let texts = texts("tests/fixtures/models/texts.json");
    for name in [
        "bert",
        "bert-relu",
        "bert-odd",
        "distilbert",
        "roberta",
        "xlm-roberta",
        "mpnet",
        "modernbert",
        "nomic-bert",
    ] {
        let folder = repository("tests/fixtures/models").join(name);
        let choice = EmbedderChoice::Folder(folder);
        let model = open(&choice, PrecisionRule::F32, &Progress::new()).unwrap();
        check_tokens(name, &*model, &texts);
    }
    let folder = repository("tests/fixtures/models/bert-cls");
    let choice = EmbedderChoice::Folder(folder);
    let model = open(&choice, PrecisionRule::F32, &Progress::new()).unwrap();
    assert_eq!(model.tokens("A cat.", &Progress::new()).unwrap(), None);
}
