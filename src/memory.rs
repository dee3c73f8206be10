//! A cap on the memory of this process, for the worker that parses foreign files.
//!
//! The system allocator with a counter. It looks before it asks the system: a failed allocation
//! aborts, which could not be told from any other crash, and on many systems none ever fails.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a process that needs more than its cap ends with.
pub const EXIT_CODE: i32 = 77;

static CAP: AtomicUsize = AtomicUsize::new(usize::MAX);
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// From now on this process ends with [`EXIT_CODE`] when it would hold more than `bytes`.
pub fn set_cap(bytes: usize) {
    CAP.store(bytes, Ordering::Relaxed);
}

/// The allocator; the program installs it.
pub struct Capped;

impl Capped {
    /// Counts `more` bytes, if there is a cap: without one nothing is counted and nothing is lost.
    fn count(more: usize) {
        let cap = CAP.load(Ordering::Relaxed);
        if cap != usize::MAX {
            let before = LIVE.fetch_add(more, Ordering::Relaxed);
            if before.saturating_add(more) > cap {
                end();
            }
        }
    }

    fn discount(less: usize) {
        if CAP.load(Ordering::Relaxed) != usize::MAX {
            // What was allocated before the cap was set may be freed after it.
            let _ = LIVE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |live| {
                Some(live.saturating_sub(less))
            });
        }
    }
}

// SAFETY: every call is passed on to the system's allocator unchanged; counting does not allocate.
unsafe impl GlobalAlloc for Capped {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`, which are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::discount(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count(size);
        // SAFETY: as above.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        Self::discount(layout.size());
        moved
    }
}

/// Ends the process at once: nothing that could allocate, and no handler, runs any more.
#[cfg(unix)]
fn end() -> ! {
    // SAFETY: `_exit` takes any number and does not return.
    unsafe { libc::_exit(EXIT_CODE) }
}

#[cfg(not(unix))]
fn end() -> ! {
    std::process::abort()
}
