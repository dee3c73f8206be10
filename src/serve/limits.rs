//! How much a server takes on, so that no client can fill its memory or hold it up.

use std::time::Duration;

/// What is refused, or waited for no longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Bytes of one body; more is 413. SageMaker sends at most 6,291,456 to a real-time endpoint.
    pub body_bytes: usize,
    /// Texts of one request; more is 413.
    pub items: usize,
    /// Texts that wait; a request that finds no room is 429.
    pub queued_texts: usize,
    /// Bytes of all bodies that are being read or answered; a request that finds no room is 429.
    pub open_bytes: usize,
    /// Connections; more wait in the system's queue.
    pub connections: usize,
    /// How long a client may take to send a head, or stay silent between requests.
    pub head: Duration,
    /// How long a client may take to send a body.
    pub body: Duration,
    /// How long what was accepted is worked on when the server is to end. SageMaker and Docker kill
    /// it after 30 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 6 * 1024 * 1024,
            items: 16_384,
            queued_texts: 32_768,
            open_bytes: 64 * 1024 * 1024,
            connections: 512,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            drain: Duration::from_secs(25),
        }
    }
}

impl Limits {
    /// With room for at least one request of the largest kind in every queue.
    pub fn with(mut self, body_bytes: usize, items: usize, queued_texts: usize) -> Self {
        self.body_bytes = body_bytes;
        self.items = items;
        self.queued_texts = queued_texts.max(items);
        self.open_bytes = self.open_bytes.max(body_bytes);
        self
    }
}
