//! Files that hold what the user made: written whole or not at all, and by one program at a time.

mod atomic;
mod folders;
mod lock;

pub use atomic::{N_BACKUPS, backup, save};
pub use folders::data_folder;
pub use lock::Lock;
