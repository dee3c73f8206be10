//! Embedding elsewhere: through every form and fault, complete, in order, and paid for once.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ndarray::Array2;
use semascope::cache::Cache;
use semascope::embed::remote::{
    Consent, Destination, Ledger, Patience, ProbeError, RemoteEmbedder, RemoteError, RemoteRule,
    RunError, RunRule, hash,
};
use semascope::embed::wire::Form;
use semascope::embed::{
    EmbedError, Embedder, EmbedderChoice, Known, PrecisionRule, embed_cached, open,
};
use semascope::progress::Progress;

use crate::fake_endpoint::{BEFORE_THE_ANSWER, Fake, OF_THE_ANSWER, Plan, Shape};
use crate::support::{finished, semascope};

fn model() -> Arc<dyn Embedder> {
    let choice = EmbedderChoice::Bundled;
    open(&choice, PrecisionRule::Auto, &Progress::new()).unwrap()
}

/// As patient as by default, but waits are short.
fn impatient() -> Patience {
    Patience {
        first_wait: Duration::from_millis(4),
        longest_wait: Duration::from_millis(50),
        ..Patience::default()
    }
}

fn rule(destination: &str, url: Option<&str>, folder: &Path) -> RemoteRule {
    let destination = Destination::parse(destination, None, url, None).unwrap();
    RemoteRule {
        consent: Some(Consent::to(&destination)),
        destination,
        run: RunRule {
            patience: impatient(),
            ..RunRule::default()
        },
        must_match: true,
        ledger: folder.join("ledger.jsonl"),
    }
}

const ENDPOINT: &str = "sagemaker:pbl-development-dev-embeddings@eu-central-1";

fn texts(n: usize) -> Vec<String> {
    let words = [
        "tide",
        "harbor",
        "bridge",
        "committee",
        "\"quoted\"",
        "橋",
        "lamp\n",
    ];
    (0..n)
        .map(|i| {
            let word = |k: usize| words[(i * 7 + k * k) % words.len()];
            let many: Vec<&str> = (0..2 + i % 5).map(word).collect();
            format!("Text {i}: {}.", many.join(" "))
        })
        .collect()
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn check_rows(rows: &Array2<f32>, local: &dyn Embedder, texts: &[&str]) {
    check_near(rows, &local.embed(texts, &Progress::new()).unwrap());
}

fn check_near(rows: &Array2<f32>, expected: &Array2<f32>) {
    let cosines = rows.rows().into_iter().zip(expected.rows());
    let lowest = cosines.map(|(a, b)| a.dot(&b)).fold(1.0, f32::min);
    assert_eq!(rows.dim(), expected.dim());
    assert!(lowest >= 0.9999, "{lowest}");
}

/// The server is the other half of the test: nothing may have been wrong with what it got.
fn check_server(fake: &Fake) {
    assert_eq!(fake.wrong(), Vec::<String>::new());
}

#[test]
fn five_thousand_texts_arrive_through_faults_in_order_and_are_paid_for_once() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(
        local.clone(),
        Plan {
            faults_per_100: 20,
            faults: BEFORE_THE_ANSWER.to_vec(),
            n_cold: 3,
            most_at_once: 6,
            ..Plan::default()
        },
    );
    let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    let texts = texts(5_000);
    let expected = local.embed(&refs(&texts), &Progress::new()).unwrap();
    fake.knows(&refs(&texts), &expected);
    let rows = remote.embed(&refs(&texts), &Progress::new()).unwrap();
    check_near(&rows, &expected);
    check_server(&fake);
    let paid = fake.paid();
    assert!(texts.iter().all(|text| paid[text] == 1));
    let (calls, faults) = (fake.n_calls(), fake.n_faults());
    println!(
        "5,000 texts: {calls} calls, {faults} faults, at most {} at once",
        fake.most_at_once()
    );
    assert!(faults * 10 > calls, "{faults} faults in {calls} calls");
    assert!(fake.most_at_once() > 1);
}

#[test]
fn answers_that_are_broken_are_asked_for_again() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(
        local.clone(),
        Plan {
            faults_per_100: 30,
            faults: OF_THE_ANSWER.to_vec(),
            ..Plan::default()
        },
    );
    let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    let texts = texts(1_500);
    let expected = local.embed(&refs(&texts), &Progress::new()).unwrap();
    fake.knows(&refs(&texts), &expected);
    let rows = remote.embed(&refs(&texts), &Progress::new()).unwrap();
    check_near(&rows, &expected);
    check_server(&fake);
    assert!(fake.n_faults() > 5);
}

#[test]
fn every_form_of_answer_gives_the_same_vectors() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let long = "word ".repeat(600);
    let texts = [texts(70), vec![long, String::new()]].concat();
    let texts = refs(&texts);
    for shape in [
        Shape::Pooled,
        Shape::TokensOfList,
        Shape::Tokens,
        Shape::JumpStart,
        Shape::JumpStartNested,
        Shape::Vectors,
    ] {
        let fake = Fake::start(
            local.clone(),
            Plan {
                shape,
                ..Plan::default()
            },
        );
        let mut rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
        if let Destination::SageMaker { form, .. } = &mut rule.destination
            && matches!(shape, Shape::JumpStart | Shape::JumpStartNested)
        {
            *form = Form::TextInputs;
        }
        rule.consent = Some(Consent::to(&rule.destination));
        let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
        assert!(remote.found().to_local.unwrap() > 0.9999, "{shape:?}");
        let is_token_level = matches!(shape, Shape::TokensOfList | Shape::Tokens);
        assert_eq!(
            remote.found().answer.is_token_level,
            is_token_level,
            "{shape:?}"
        );
        let rows = remote.embed(&texts, &Progress::new()).unwrap();
        check_rows(&rows, &*local, &texts);
        check_server(&fake);
    }
}

#[test]
fn every_kind_of_destination_is_spoken_to() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let texts = texts(100);
    let texts = refs(&texts);
    for (destination, by_url) in [
        ("bedrock:amazon.titan-embed-text-v1@eu-central-1", true),
        (
            "bedrock:amazon.titan-embed-text-v2:0/512@eu-central-1",
            true,
        ),
        ("bedrock:cohere.embed-english-v3@eu-central-1", true),
        ("tei:", false),
        ("openai:", false),
    ] {
        let fake = Fake::start(local.clone(), Plan::default());
        let url = fake.url();
        let destination = match destination {
            "tei:" => format!("tei:{url}"),
            "openai:" => format!("openai:{url}#m"),
            other => other.to_owned(),
        };
        let rule = rule(&destination, by_url.then_some(&*url), folder.path());
        let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
        let rows = remote.embed(&texts, &Progress::new()).unwrap();
        check_rows(&rows, &*local, &texts);
        check_server(&fake);
        assert_ne!(remote.tag().to_string(), local.tag().to_string());
    }
}

#[cfg(feature = "serve")]
#[test]
fn our_own_server_is_an_endpoint() {
    let served = crate::serve::Served::ready(&[]);
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let url = format!("http://{}", served.address);
    let texts = texts(300);
    let texts = refs(&texts);
    let (tei, openai) = (format!("tei:{url}"), format!("openai:{url}#any"));
    for (destination, url) in [(ENDPOINT, Some(&*url)), (&tei, None), (&openai, None)] {
        let rule = rule(destination, url, folder.path());
        let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
        let rows = remote.embed(&texts, &Progress::new()).unwrap();
        check_rows(&rows, &*local, &texts);
    }
}

#[test]
fn another_model_gets_the_test_sentences_and_nothing_else() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let plan = Plan {
        is_other_model: true,
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let mut rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let refused = RemoteEmbedder::connect(rule.clone(), local.clone(), &Progress::new()).err();
    let Some(RemoteError::Probe(ProbeError::OtherModel {
        cosine: Some(cosine),
    })) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(cosine < 0.9);
    assert_eq!(fake.paid().len(), 3);
    assert!(Ledger::entries(&rule.ledger).unwrap().is_empty());
    // Where another one is meant, its vectors are kept apart.
    rule.must_match = false;
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    assert_eq!(remote.tag().weights_hash, "unknown");
    assert!(
        remote
            .tokens("Low water.", &Progress::new())
            .unwrap()
            .is_none()
    );
}

#[test]
fn without_consent_the_test_sentences_are_sent_and_nothing_else() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(local.clone(), Plan::default());
    let mut rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let elsewhere = Destination::parse("sagemaker:other@eu-central-1", None, None, None).unwrap();
    for consent in [None, Some(Consent::to(&elsewhere))] {
        rule.consent = consent;
        let remote =
            RemoteEmbedder::connect(rule.clone(), local.clone(), &Progress::new()).unwrap();
        let texts = texts(40);
        let refused = remote.embed(&refs(&texts), &Progress::new()).unwrap_err();
        assert!(
            refused.to_string().contains("nobody has agreed"),
            "{refused}"
        );
        // What would be sent can be seen all the same.
        let sample = String::from_utf8(remote.sample(&refs(&texts))).unwrap();
        assert!(
            sample.contains("Text 31") && !sample.contains("Text 32"),
            "{sample}"
        );
    }
    assert_eq!(fake.paid().len(), 3);
}

#[test]
fn what_is_too_large_is_split_until_it_is_taken() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let plan = Plan {
        most_texts: 3,
        most_bytes: 5_000,
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    let mut texts = texts(64);
    let rows = remote.embed(&refs(&texts), &Progress::new()).unwrap();
    check_rows(&rows, &*local, &refs(&texts));
    assert!(texts.iter().all(|text| fake.paid()[text] == 1));
    // One that is too large alone is told, and the others are delivered.
    texts = (64..80).map(|i| format!("Other text {i}.")).collect();
    texts.push("\u{1}".repeat(1_000));
    let n = AtomicUsize::new(0);
    let (tally, result) = remote.run(&refs(&texts), &Progress::new(), &|batch, _| {
        n.fetch_add(batch.len(), Ordering::Relaxed);
    });
    let told = result.unwrap_err().to_string();
    assert!(
        told.starts_with("the server refused 1 text for its size or content"),
        "{told}"
    );
    assert_eq!((n.into_inner(), tally.n_texts), (16, 16));
}

#[test]
fn what_no_repetition_mends_ends_at_once_with_a_sentence() {
    let local = model();
    for (status, code, body, told) in [
        (
            403,
            "AccessDeniedException",
            "{}",
            "sagemaker:InvokeEndpoint",
        ),
        (403, "ExpiredTokenException", "{}", "sign in again"),
        (
            400,
            "ValidationError",
            r#"{"message":"Endpoint canary of account 1 not found."}"#,
            "check its name and region",
        ),
        (302, "", "canary", "refers to another address"),
        (
            400,
            "ValidationException",
            r#"{"message":"canary"}"#,
            "does not understand the request (HTTP 400, ValidationException)",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan {
            always: Some((status, code, body)),
            ..Plan::default()
        };
        let fake = Fake::start(local.clone(), plan);
        let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
        let error = RemoteEmbedder::connect(rule, local.clone(), &Progress::new())
            .err()
            .unwrap();
        let sentence = error.to_string();
        assert!(sentence.contains(told), "{sentence}");
        assert!(!format!("{error:?}").contains("canary"));
        assert_eq!(fake.n_calls(), 1, "{code}");
    }
}

#[test]
fn a_server_that_is_not_there_or_always_busy_is_given_up() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let connect = |url: &str| {
        let mut rule = rule(ENDPOINT, Some(url), folder.path());
        rule.run.patience.most_busy = 5;
        RemoteEmbedder::connect(rule, local.clone(), &Progress::new())
            .err()
            .unwrap()
            .to_string()
    };
    let gone = connect("http://127.0.0.1:9");
    assert!(gone.contains("the server cannot be reached"), "{gone}");
    let plan = Plan {
        most_at_once: 0,
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let busy = connect(&fake.url());
    assert!(busy.contains("too busy"), "{busy}");
    assert_eq!(fake.n_calls(), 6);
}

#[test]
fn no_more_calls_are_made_than_are_allowed() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(local.clone(), Plan::default());
    let mut rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    rule.run.most_calls = Some(5);
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    let before = fake.n_calls();
    let texts = texts(500);
    assert_eq!(remote.estimate(&refs(&texts)).n_calls, 16);
    let (tally, result) = remote.run(&refs(&texts), &Progress::new(), &|_, _| {});
    assert!(
        matches!(
            result,
            Err(RunError::Ceiling {
                most: 5,
                n_left: 340
            })
        ),
        "{result:?}"
    );
    assert_eq!((tally.n_calls, tally.n_texts), (5, 160));
    assert_eq!(fake.n_calls() - before, 5);
}

#[test]
fn a_run_that_was_stopped_goes_on_with_what_was_missing() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let plan = Plan {
        delay: Duration::from_millis(20),
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let remote = RemoteEmbedder::connect(rule, local.clone(), &Progress::new()).unwrap();
    let texts = texts(3_000);
    let texts = refs(&texts);
    let expected = local.embed(&texts, &Progress::new()).unwrap();
    fake.knows(&texts, &expected);
    let run = |progress: &Progress| {
        let cache = Cache::open(folder.path());
        let known = Known {
            cache: Some(&cache),
            stored: None,
        };
        embed_cached(&remote, known, &texts, progress)
    };
    let progress = Progress::new();
    let stopper = progress.clone();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(move || {
            let has_begun = |done: usize| (500..3_000).contains(&done);
            while !stopper
                .snapshot()
                .is_some_and(|now| now.step == "Embedding remotely" && has_begun(now.done))
            {
                std::thread::yield_now();
            }
            stopper.stop();
        });
        run(&progress)
    });
    assert!(matches!(stopped, Err(EmbedError::Cancelled(_))));
    let paid_before = fake.paid().len();
    assert!(paid_before < 3_000, "it was not stopped in the middle");
    let (rows, reuse) = run(&Progress::new()).unwrap();
    check_near(&rows, &expected);
    assert!(texts.iter().all(|text| fake.paid()[*text] == 1));
    println!(
        "stopped after {} of 3,000 texts, {} sent afterwards",
        reuse.from_cache, reuse.embedded
    );
    assert_eq!(reuse.from_cache + 3, paid_before);
}

/// Everything that any library logs, at the finest level.
struct Collected(Mutex<String>);

impl log::Log for Collected {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        self.0.lock().unwrap().push_str(&line);
    }

    fn flush(&self) {}
}

#[test]
fn no_text_is_in_any_log_error_or_file() {
    const CANARY: &str = "zanzibarcanary";
    static LOG: Collected = Collected(Mutex::new(String::new()));
    // Another test of this process may have a logger; then this one sees nothing, and says so.
    let is_logging = log::set_logger(&LOG).is_ok();
    log::set_max_level(log::LevelFilter::Trace);
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let plan = Plan {
        faults_per_100: 40,
        faults: [&BEFORE_THE_ANSWER[..], &OF_THE_ANSWER].concat(),
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let rule = rule(ENDPOINT, Some(&fake.url()), folder.path());
    let remote = RemoteEmbedder::connect(rule.clone(), local.clone(), &Progress::new()).unwrap();
    let texts: Vec<String> = (0..400).map(|i| format!("{CANARY} {i}")).collect();
    let cache = Cache::open(folder.path());
    let known = Known {
        cache: Some(&cache),
        stored: None,
    };
    embed_cached(&remote, known, &refs(&texts), &Progress::new()).unwrap();
    let always = Fake::start(
        local.clone(),
        Plan {
            always: Some((
                400,
                "ValidationException",
                "{\"message\": \"zanzibarcanary\"}",
            )),
            ..Plan::default()
        },
    );
    let mut failing = rule.clone();
    failing.destination = Destination::parse(ENDPOINT, None, Some(&always.url()), None).unwrap();
    let error = RemoteEmbedder::connect(failing, local, &Progress::new())
        .err()
        .unwrap();
    drop(cache);
    let log = LOG.0.lock().unwrap();
    assert!(!is_logging || log.contains("ureq"), "nothing was logged");
    assert!(!log.contains(CANARY));
    assert!(!format!("{error} {error:?} {rule:?}").contains(CANARY));
    let entries = Ledger::entries(&rule.ledger).unwrap();
    let noted: BTreeSet<&String> = entries.iter().flat_map(|entry| &entry.texts).collect();
    assert!(texts.iter().all(|text| noted.contains(&hash(text))));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

/// A file of that many lines, all different.
fn file_of_lines(folder: &Path, n: usize) -> std::path::PathBuf {
    let path = folder.join("lines.txt");
    let lines = texts(n)
        .into_iter()
        .map(|text| text.replace('\n', " ") + "\n");
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    path
}

/// `semascope embed` of a file by a server, with folders of its own.
fn embed_at(url: &str, lines: &Path, folder: &Path, more: &[&str]) -> Command {
    let mut command = semascope();
    command.env_remove("SEMASCOPE_NO_CACHE");
    for (name, below) in [
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_DATA_HOME", "data"),
        ("HOME", "home"),
    ] {
        command.env(name, folder.join(below));
    }
    command
        .arg("embed")
        .arg(lines)
        .arg("--out")
        .arg(folder.join("out.npy"));
    command
        .args(["--remote", ENDPOINT, "--remote-url", url])
        .args(more);
    command
}

#[test]
fn it_is_shown_what_would_be_sent_before_anything_is() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(local, Plan::default());
    let lines = file_of_lines(folder.path(), 100);
    let mut asked = embed_at(
        &fake.url(),
        &lines,
        folder.path(),
        &["--token-price", "0.5"],
    );
    let (code, told, errors) = finished(&mut asked);
    assert_eq!(code, 0, "{errors}");
    for expected in [
        "Only three test sentences were sent",
        "pbl-development-dev-embeddings in eu-central-1, reached at http://127.0.0.1",
        "the same model as here: cosine 1.0000",
        "documents   100, in 100 passages; 0 known already",
        "100 texts",
        "4 requests",
        "at 0.5 for 1,000 tokens",
        "{\"inputs\":[\"Text 0: ",
        "run this again with --consent",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    assert_eq!(fake.paid().len(), 3);
    assert!(!folder.path().join("out.npy").exists());
    let (code, _, errors) = finished(&mut embed_at(
        &fake.url(),
        &lines,
        folder.path(),
        &["--consent"],
    ));
    assert_eq!(code, 0, "{errors}");
    assert_eq!(fake.paid().len(), 103);
    assert!(folder.path().join("out.npy").exists());
    check_server(&fake);
}

#[test]
fn the_switch_forbids_every_call() {
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let fake = Fake::start(local, Plan::default());
    let lines = file_of_lines(folder.path(), 5);
    let (code, _, told) = finished(&mut embed_at(
        &fake.url(),
        &lines,
        folder.path(),
        &["--consent", "--offline"],
    ));
    assert_eq!(code, 2);
    assert!(told.contains("switched off"), "{told}");
    assert_eq!(fake.n_calls(), 0);
}

#[test]
fn a_destination_that_is_not_accepted_is_a_sentence() {
    for (args, expected) in [
        (
            &["--remote", "sagemaker:a_b@eu-central-1"][..],
            "A_b is no name of an endpoint",
        ),
        (
            &["--remote", "tei:https://tei.example.org"],
            "confirm the host by --remote-host tei.example.org",
        ),
        (
            &["--remote", "tei:http://tei.example.org"],
            "by https alone",
        ),
        (
            &["--remote", "x"],
            "A destination is sagemaker:ENDPOINT@REGION",
        ),
    ] {
        let (code, _, told) = finished(
            semascope()
                .args(["embed", "x"])
                .args(["--out", "y"])
                .args(args),
        );
        assert_eq!(code, 2);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_run_that_was_killed_sends_only_what_was_missing() {
    const N: usize = 10_000;
    let (local, folder) = (model(), tempfile::tempdir().unwrap());
    let plan = Plan {
        delay: Duration::from_millis(30),
        ..Plan::default()
    };
    let fake = Fake::start(local.clone(), plan);
    let lines = file_of_lines(folder.path(), N);
    let text = std::fs::read_to_string(&lines).unwrap();
    let texts: Vec<&str> = text.lines().collect();
    let expected = local.embed(&texts, &Progress::new()).unwrap();
    fake.knows(&texts, &expected);
    let command = || embed_at(&fake.url(), &lines, folder.path(), &["--consent"]);
    let mut child = command()
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while fake.paid().len() < N / 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let at_the_kill = fake.paid().len();
    assert!(at_the_kill < N, "it was not killed in the middle");
    let (code, _, errors) = finished(&mut command());
    assert_eq!(code, 0, "{errors}");
    // What was under way in the last moment never arrived: ten requests at most, one answer that was
    // handed on and one that was being written.
    let paid = fake.paid();
    let twice: usize = paid.values().map(|n| n - 1).sum();
    println!("{N} texts, killed after {at_the_kill}: {twice} sent twice (three are the test's)");
    assert!(twice <= 3 + 12 * 32, "{twice}");
    assert_eq!(paid.len(), N + 3);
    let rows =
        semascope::vectors::read_npy(std::fs::File::open(folder.path().join("out.npy")).unwrap());
    check_near(&rows.unwrap(), &expected);
    check_server(&fake);
}
