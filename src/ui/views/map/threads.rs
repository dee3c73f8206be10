//! What a frame cuts into parts for more than one core.
//!
//! On threads of its own and not on those of the analysis: a frame must not wait until those are done
//! with what they have begun.

use std::sync::{Mutex, PoisonError};
use std::thread;

/// Values that are made by one thread before it asks for more.
const PART: usize = 1 << 15;

/// Threads for a frame: one for each core that the program uses.
pub fn n_threads() -> usize {
    // One core is left to the window.
    (rayon::current_num_threads() + 1).min(8)
}

/// Does the work on so many threads at once, this one among them, until all come back from it.
pub fn on_threads(n_threads: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..n_threads {
            let thread = thread::Builder::new().name("map picture".into());
            // Where the system has no thread left, this one does it all.
            let _ = thread.spawn_scoped(scope, &work);
        }
        work();
    });
}

/// Takes parts one by one, from several threads.
pub fn taken<P>(parts: impl Iterator<Item = P>) -> impl Fn() -> Option<P> {
    let parts = Mutex::new(parts);
    move || parts.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// `n` values, each made from its place.
pub fn each<T: Copy + Default + Send>(n: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut made = vec![T::default(); n];
    let next = taken(made.chunks_mut(PART).enumerate());
    on_threads(n_threads().min(n.div_ceil(PART)), || {
        while let Some((part, values)) = next() {
            for (i, value) in values.iter_mut().enumerate() {
                *value = make(part * PART + i);
            }
        }
    });
    drop(next);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_made_from_its_place() {
        for n in [0, 1, PART, 3 * PART + 7] {
            let squares = each(n, |i| (i as u64).pow(2));
            assert!((0..n as u64).map(|i| i * i).eq(squares));
        }
    }

    #[test]
    fn several_threads_share_what_there_is() {
        let next = taken(0..1000);
        let sum = Mutex::new(0);
        on_threads(3, || {
            while let Some(number) = next() {
                *sum.lock().unwrap() += number;
            }
        });
        assert_eq!(*sum.lock().unwrap(), 499_500);
    }
}
