//! Dropped files: systems hand them over one by one, and people drop twice; what comes within a
//! moment is one import.

use std::path::PathBuf;

/// Seconds to wait for more.
const MOMENT: f64 = 0.2;

/// What was dropped and is not yet on its way.
#[derive(Debug, Default)]
pub struct Dropped {
    paths: Vec<PathBuf>,
    last: f64,
}

impl Dropped {
    /// Takes in what came in this frame, and gives all of it once nothing more has come for a
    /// moment. `now` is in seconds.
    pub fn take(&mut self, paths: Vec<PathBuf>, now: f64) -> Option<Vec<PathBuf>> {
        if !paths.is_empty() {
            self.paths.extend(paths);
            self.last = now;
        }
        let is_over = !self.paths.is_empty() && now - self.last >= MOMENT;
        is_over.then(|| std::mem::take(&mut self.paths))
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_within_a_moment_are_one() {
        let mut dropped = Dropped::default();
        let paths = |name: &str| vec![PathBuf::from(name)];
        assert_eq!(dropped.take(paths("a"), 1.0), None);
        assert_eq!(dropped.take(paths("b"), 1.15), None);
        assert_eq!(dropped.take(Vec::new(), 1.25), None);
        assert_eq!(
            dropped.take(Vec::new(), 1.36),
            Some([paths("a"), paths("b")].concat())
        );
        assert_eq!(dropped.take(Vec::new(), 2.0), None);
        assert!(dropped.is_empty());
    }
}
