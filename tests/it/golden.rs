//! The bundled model against reference vectors of sentence-transformers 6.2 in f32.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ndarray::Array2;
use semascope::embed::{
    EmbedError, Embedder, EmbedderChoice, InstructionSet, PrecisionRule, open, open_on,
};
use semascope::progress::Progress;
use semascope::text::passages;
use semascope::vectors::{Embeddings, Precision, read_npy};
use serde::Deserialize;
use std::sync::Arc;

use crate::support::{finished, repository, semascope};

#[derive(Deserialize)]
struct Golden {
    name: String,
    text: String,
}

fn golden() -> (Vec<Golden>, Embeddings) {
    let texts = File::open(repository("tests/fixtures/golden/texts.json")).unwrap();
    let vectors = File::open(repository("tests/fixtures/golden/embeddings.npy")).unwrap();
    (
        serde_json::from_reader(texts).unwrap(),
        Embeddings::normalized(read_npy(vectors).unwrap()),
    )
}

fn model() -> Arc<dyn Embedder> {
    open(
        &EmbedderChoice::Bundled,
        PrecisionRule::Auto,
        &Progress::new(),
    )
    .unwrap()
}

fn embed(model: &dyn Embedder, texts: &[&str]) -> Array2<f32> {
    model.embed(texts, &Progress::new()).unwrap()
}

/// The bundled model in every way that this machine has, with the cosine that each must keep.
fn ways() -> Vec<(InstructionSet, Arc<dyn Embedder>, f32)> {
    let open = |set: InstructionSet| {
        let model = open_on(&EmbedderChoice::Bundled, set, &Progress::new()).unwrap();
        let precision = model.tag().precision;
        (
            set,
            model,
            if precision == Precision::F32 {
                0.99999
            } else {
                0.9999
            },
        )
    };
    InstructionSet::available().into_iter().map(open).collect()
}

#[test]
fn every_text_has_the_reference_vector_in_every_way_alone_and_in_a_batch_in_any_order() {
    let (golden, reference) = golden();
    for (set, model, least) in ways() {
        let mut order: Vec<usize> = (0..golden.len()).collect();
        let batches = (0..3).map(|turn| {
            order.rotate_left(turn * 11);
            if turn == 2 {
                order.reverse();
            }
            order.clone()
        });
        let mut worst = 1.0_f32;
        for order in batches.collect::<Vec<_>>() {
            let texts: Vec<&str> = order
                .iter()
                .map(|text| golden[*text].text.as_str())
                .collect();
            let together = embed(&*model, &texts);
            for (row, text) in together.rows().into_iter().zip(&order) {
                let cosine = row.dot(&reference.row(*text));
                assert!(cosine >= least, "{set}, {}: {cosine}", golden[*text].name);
                worst = worst.min(cosine);
            }
        }
        for (text, golden) in golden.iter().enumerate() {
            let alone = embed(&*model, &[&golden.text]);
            let cosine = alone.row(0).dot(&reference.row(text));
            assert!(cosine >= least, "{set}, {} alone: {cosine}", golden.name);
            worst = worst.min(cosine);
        }
        println!("{set}: lowest cosine to the reference {worst:.6}");
    }
}

#[test]
fn a_text_embeds_alike_alone_and_with_others_in_every_way() {
    let (golden, _) = golden();
    let texts: Vec<&str> = golden.iter().map(|golden| golden.text.as_str()).collect();
    for (set, model, _) in ways() {
        let together = embed(&*model, &texts);
        for text in [0, 3, 7, 19, 25, 29] {
            let alone = embed(&*model, &texts[text..=text]);
            let difference = (&alone.row(0) - &together.row(text)).mapv(f32::abs);
            let name = &golden[text].name;
            assert!(difference.iter().all(|x| *x < 1e-5), "{set}, {name}");
        }
    }
}

#[test]
fn vectors_are_the_same_bits_for_any_number_of_threads() {
    let (golden, _) = golden();
    let texts: Vec<&str> = golden.iter().map(|golden| golden.text.as_str()).collect();
    for (set, model, _) in ways() {
        let on = |n_threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .unwrap();
            pool.install(|| embed(&*model, &texts))
        };
        let one = on(1);
        for n_threads in [1, 2, 5] {
            assert_eq!(on(n_threads), one, "{set}, {n_threads} threads");
        }
    }
}

#[test]
fn the_fastest_way_is_taken_and_the_mask_hides_what_is_faster() {
    /// What `bench` prints first; the rest takes its time.
    fn summary(precision: &str, mask: Option<&str>) -> String {
        let mut command = semascope();
        command.args(["bench", "--precision", precision]);
        command.env_remove("SEMASCOPE_CPU");
        command.envs(mask.map(|mask| ("SEMASCOPE_CPU", mask)));
        let mut bench = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(bench.stdout.take().unwrap()).lines();
        let line = lines
            .map(Result::unwrap)
            .find(|line| line.contains("opened in"));
        bench.kill().unwrap();
        bench.wait().unwrap();
        line.unwrap()
    }
    let available = InstructionSet::available();
    for set in &available {
        let line = summary("auto", Some(set.name()));
        let precision = if set.is_bf16() { "bf16" } else { "f32" };
        assert!(line.contains(&format!("{set}, {precision}")), "{line}");
    }
    let exact = available.iter().rev().find(|set| !set.is_bf16()).unwrap();
    assert!(summary("f32", None).contains(&format!("{exact}, f32")));
    if available.contains(&InstructionSet::Amx) {
        assert!(summary("auto", None).contains("AMX, bf16"));
    }
}

#[test]
fn an_unknown_mask_is_refused() {
    let (code, _, err) = finished(semascope().arg("bench").env("SEMASCOPE_CPU", "avx"));
    assert_eq!(code, 2);
    assert!(
        err.contains("portable, avx2, avx512, avx512bf16, amx"),
        "{err}"
    );
}

#[test]
fn bench_measures_every_way_that_is_left() {
    let mut command = semascope();
    let (code, printed, _) = finished(command.arg("bench").env("SEMASCOPE_CPU", "portable"));
    assert_eq!(code, 0);
    let mut rows = printed
        .lines()
        .skip_while(|line| !line.starts_with("tokens/s"))
        .skip(1);
    let row: Vec<&str> = rows.next().unwrap().split_whitespace().collect();
    let [_, speeds @ .., cosine] = &row[..] else {
        panic!("{printed}");
    };
    assert!(
        speeds
            .iter()
            .all(|speed| speed.parse::<f64>().unwrap() > 1.0),
        "{printed}"
    );
    assert!(cosine.parse::<f64>().unwrap() > 0.99999, "{printed}");
    assert_eq!(rows.next(), None, "{printed}");
}

#[test]
fn a_stop_is_heeded_between_layers() {
    let (golden, _) = golden();
    let texts = golden.iter().map(|golden| golden.text.as_str());
    let texts: Vec<&str> = texts.cycle().take(6_000).collect();
    for (set, model, _) in ways() {
        let progress = Progress::new();
        let stopper = progress.clone();
        let done = AtomicUsize::new(0);
        let (stopped, asked) = std::thread::scope(|scope| {
            let asked = scope.spawn(move || {
                while stopper.snapshot().is_none_or(|now| now.done == 0) {
                    std::thread::yield_now();
                }
                stopper.stop();
                Instant::now()
            });
            let stopped = model.embed_each(&texts, &progress, &|batch, _| {
                done.fetch_add(batch.len(), Ordering::Relaxed);
            });
            (stopped, asked.join().unwrap())
        });
        println!("{set}: stopped within {:?}", asked.elapsed());
        assert!(matches!(stopped, Err(EmbedError::Cancelled(_))));
        assert!(done.into_inner() < 1_000, "{set}");
    }
}

/// A copy of the bundled model with another pooling, and without normalizing.
fn folder_with_pooling(switch: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "sentence_bert_config.json",
    ] {
        fs::copy(
            repository("assets/model").join(file),
            folder.path().join(file),
        )
        .unwrap();
    }
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    let pooling = format!("{{\"{switch}\": true}}");
    fs::write(folder.path().join("1_Pooling/config.json"), pooling).unwrap();
    fs::write(folder.path().join("modules.json"), "[]").unwrap();
    folder
}

#[test]
fn pooling_and_normalizing_are_as_the_folder_says() {
    let text = "A cat sleeps on the warm stove.";
    let embed_with = |switch: &str| {
        let folder = folder_with_pooling(switch);
        let choice = EmbedderChoice::Folder(folder.path().into());
        embed(
            &*open(&choice, PrecisionRule::Auto, &Progress::new()).unwrap(),
            &[text],
        )
    };
    let bundled = embed(&*model(), &[text]);
    let [mean, cls, max] = [
        "pooling_mode_mean_tokens",
        "pooling_mode_cls_token",
        "pooling_mode_max_tokens",
    ]
    .map(embed_with);
    for raw in [&mean, &cls, &max] {
        assert!(
            (raw.dot(&raw.t())[[0, 0]] - 1.0).abs() > 0.1,
            "it was normalized"
        );
    }
    let cosine = |raw: Array2<f32>| Embeddings::normalized(raw).row(0).dot(&bundled.row(0));
    assert!((cosine(mean.clone()) - 1.0).abs() < 1e-5);
    assert!(cosine(cls) < 0.999);
    assert!(max.iter().zip(&mean).all(|(max, mean)| max >= mean));
}

#[test]
fn splitting_loses_no_token() {
    let (golden, _) = golden();
    let model = model();
    let n_tokens = |text: &str| model.n_tokens(text);
    let mut seed = 1_usize;
    for round in 0..12 {
        // Golden texts in a seeded jumble, so that every script and oddity meets every other.
        let mut text = String::new();
        for _ in 0..=round {
            seed = seed.wrapping_mul(48_271) % 2_147_483_647;
            text += &golden[seed % golden.len()].text;
            text += [" ", ". ", "\n\n"][seed % 3];
        }
        for max_tokens in [model.max_text_tokens(), 40] {
            let found = passages(&text, max_tokens, &n_tokens);
            let joined: String = found
                .iter()
                .map(|(range, _)| &text[range.clone()])
                .collect();
            assert_eq!(joined, text);
            assert!(found.iter().all(|(_, length)| *length <= max_tokens));
            let total: usize = found.iter().map(|(_, length)| length).sum();
            assert_eq!(total, n_tokens(&text), "round {round}, {max_tokens} tokens");
        }
    }
}
