//! The one switch that forbids all use of the network, and the proof that it is not thrown.
//!
//! Everything in the program that could send a byte to another computer must hold a
//! [`NetworkGate`] to come into being, and there is no other way to get one than to ask here.

use std::sync::atomic::{AtomicBool, Ordering};

/// For the whole process: a switch that each caller had to pass on could be forgotten by one.
static IS_FORBIDDEN: AtomicBool = AtomicBool::new(false);

/// Forbids the network, or allows it again, from now on; calls that are under way are not broken
/// off.
pub fn forbid_network(is_forbidden: bool) {
    IS_FORBIDDEN.store(is_forbidden, Ordering::SeqCst);
}

/// Whether the network is forbidden.
pub fn is_network_forbidden() -> bool {
    IS_FORBIDDEN.load(Ordering::SeqCst)
}

/// Proof that the network was allowed when it was asked for.
#[derive(Debug, Clone)]
pub struct NetworkGate(());

/// The switch is thrown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "all use of the network is switched off; leave out --offline, or allow it again in the settings"
)]
pub struct NetworkForbidden;

impl NetworkGate {
    /// Asks for the network.
    ///
    /// # Errors
    /// [`NetworkForbidden`].
    pub fn open() -> Result<Self, NetworkForbidden> {
        if is_network_forbidden() {
            Err(NetworkForbidden)
        } else {
            Ok(Self(()))
        }
    }

    /// Asks again, before each call: the switch may have been thrown meanwhile.
    ///
    /// # Errors
    /// [`NetworkForbidden`].
    pub fn check(&self) -> Result<(), NetworkForbidden> {
        Self::open().map(|_| ())
    }
}
