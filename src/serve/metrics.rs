//! What has been done so far, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the histogram of answer times, in seconds.
const BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Counters since the start.
#[derive(Default)]
pub struct Metrics {
    answers: Mutex<BTreeMap<(&'static str, u16), u64>>,
    times: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
    texts: AtomicU64,
    tokens: AtomicU64,
    truncated: AtomicU64,
}

impl Metrics {
    /// One text was embedded.
    pub fn embedded(&self, n_tokens: usize, is_truncated: bool) {
        self.texts.fetch_add(1, Ordering::Relaxed);
        self.tokens.fetch_add(n_tokens as u64, Ordering::Relaxed);
        self.truncated
            .fetch_add(u64::from(is_truncated), Ordering::Relaxed);
    }

    /// One request was answered.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry((route, status)).or_default() += 1;
        drop(answers);
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|end| seconds <= *end);
        self.times[bucket.unwrap_or(BUCKETS.len())].fetch_add(1, Ordering::Relaxed);
        self.microseconds
            .fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// All of it, with the number of texts that wait.
    pub fn text(&self, n_waiting: usize) -> String {
        let mut out = String::new();
        head(
            &mut out,
            "requests_total",
            "counter",
            "Answers by route and status.",
        );
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, status), n) in &*answers {
            line(
                &mut out,
                &format!("requests_total{{route=\"{route}\",status=\"{status}\"}}"),
                n,
            );
        }
        drop(answers);
        for (name, help, counter) in [
            ("texts_total", "Texts embedded.", &self.texts),
            (
                "tokens_total",
                "Tokens read, special tokens included.",
                &self.tokens,
            ),
            (
                "truncated_texts_total",
                "Texts longer than the model reads.",
                &self.truncated,
            ),
        ] {
            head(&mut out, name, "counter", help);
            line(&mut out, name, &counter.load(Ordering::Relaxed));
        }
        head(
            &mut out,
            "waiting_texts",
            "gauge",
            "Texts that wait for the model.",
        );
        line(&mut out, "waiting_texts", &n_waiting);
        self.times_text(&mut out);
        out
    }

    fn times_text(&self, out: &mut String) {
        let name = "answer_seconds";
        head(
            out,
            name,
            "histogram",
            "From the head of a request to its answer.",
        );
        let mut n = 0;
        for (bucket, times) in self.times.iter().enumerate() {
            n += times.load(Ordering::Relaxed);
            let end = BUCKETS.get(bucket).map_or("+Inf".into(), f64::to_string);
            line(out, &format!("{name}_bucket{{le=\"{end}\"}}"), &n);
        }
        let seconds = self.microseconds.load(Ordering::Relaxed) as f64 / 1e6;
        line(out, &format!("{name}_sum"), &seconds);
        line(out, &format!("{name}_count"), &n);
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(
        out,
        "# HELP semascope_{name} {help}\n# TYPE semascope_{name} {kind}"
    );
}

fn line(out: &mut String, name: &str, value: &dyn std::fmt::Display) {
    let _ = writeln!(out, "semascope_{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_everything_is_counted_once() {
        let metrics = Metrics::default();
        metrics.answered("/ping", 200, Duration::from_millis(1));
        metrics.answered("/ping", 503, Duration::from_millis(40));
        metrics.answered("/ping", 503, Duration::from_mins(1));
        metrics.embedded(7, false);
        metrics.embedded(256, true);
        let text = metrics.text(5);
        for expected in [
            "semascope_requests_total{route=\"/ping\",status=\"200\"} 1",
            "semascope_requests_total{route=\"/ping\",status=\"503\"} 2",
            "semascope_texts_total 2",
            "semascope_tokens_total 263",
            "semascope_truncated_texts_total 1",
            "semascope_waiting_texts 5",
            "semascope_answer_seconds_bucket{le=\"0.005\"} 1",
            "semascope_answer_seconds_bucket{le=\"0.05\"} 2",
            "semascope_answer_seconds_bucket{le=\"30\"} 2",
            "semascope_answer_seconds_bucket{le=\"+Inf\"} 3",
            "semascope_answer_seconds_sum 60.041",
            "semascope_answer_seconds_count 3",
        ] {
            assert!(
                text.lines().any(|line| line == expected),
                "{expected}\n{text}"
            );
        }
    }
}
