//! Killed at any moment, out of room, or locked out: what was acknowledged is there, and whole.
//!
//! This test program starts itself again as the one that writes, and kills it.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use semascope::cache::{Cache, Key, key};
use semascope::session::{Command as Wish, Opened, Session, Settings, UserState, encode};
use semascope::text::Tools;
use semascope::workspace::{self, Journal, Leftover};

const ROUNDS: usize = 200;
const DIM: usize = 384;
const ROLE: &str = "SEMASCOPE_TEST_ROLE";
const PLACE: &str = "SEMASCOPE_TEST_PLACE";

/// Starts this program again to play a part, in a folder.
fn actor(role: &str, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["kill::an_actor_plays_its_part", "--exact", "--nocapture"])
        .env(ROLE, role)
        .env(PLACE, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the actor some time after its start or, in every other round, after its first
/// acknowledgment, and gives the last number that it has acknowledged.
fn killed(mut child: Child, round: usize) -> Option<usize> {
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let number = |line: String| line.strip_prefix("done ")?.parse().ok();
    let first = (round % 2 == 1).then(|| lines.by_ref().find_map(number).unwrap());
    std::thread::sleep(moment(round));
    child.kill().unwrap();
    child.wait().unwrap();
    lines.filter_map(number).last().or(first)
}

/// Not a test by itself: what the actors do until they are killed.
#[test]
fn an_actor_plays_its_part() {
    let (Ok(role), Some(place)) = (env::var(ROLE), env::var_os(PLACE).map(PathBuf::from)) else {
        return;
    };
    let acknowledge = |n: usize| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "done {n}")
            .and_then(|()| out.flush())
            .unwrap();
    };
    let start = fs::read_to_string(place.join("start")).map_or(0, |text| text.parse().unwrap());
    match role.as_str() {
        "cache" => {
            let cache = Cache::open(&place);
            for block in start.. {
                let rows: Vec<(Key, Vec<f32>)> = (0..64).map(|i| row(block * 64 + i)).collect();
                cache.store(rows.iter().map(|(key, row)| (*key, row.as_slice())));
                acknowledge(block);
            }
        }
        "workspace" => {
            for n in start.. {
                workspace::save(
                    &place.join("a.semascope"),
                    &encode(&state(n), None).unwrap(),
                )
                .unwrap();
                acknowledge(n);
            }
        }
        "journal" => {
            let journal = Journal::new(&place).unwrap();
            for n in start.. {
                journal.write(&state(n), None, false).unwrap();
                acknowledge(n);
            }
        }
        role => panic!("nobody plays {role}"),
    }
}

fn row(i: usize) -> (Key, Vec<f32>) {
    (
        key("model", &format!("text {i}")),
        (0..DIM).map(|j| ((i * 31 + j) % 997) as f32).collect(),
    )
}

/// The state of a window with a text that tells its number.
fn state(n: usize) -> UserState {
    let mut session = Session::new(Settings::default(), Tools::default());
    session.apply(Wish::AddPasted(format!(
        "number {n} {}",
        "and more of it ".repeat(2000)
    )));
    session.user_state("map")
}

/// Some time between nothing and 60 ms, another one each round.
fn moment(round: usize) -> Duration {
    Duration::from_micros((round as u64).wrapping_mul(2_654_435_761) % 60_000)
}

#[test]
fn no_acknowledged_vector_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (mut n_blocks, mut n_acknowledged) = (0, 0);
    for round in 0..ROUNDS {
        fs::write(folder.path().join("start"), n_blocks.to_string()).unwrap();
        if let Some(last) = killed(actor("cache", folder.path()), round) {
            n_blocks = last + 1;
            n_acknowledged += 1;
        }
        // Looking every time at everything would take longer than the killing.
        if round % 20 == 19 || round + 1 == ROUNDS {
            let cache = Cache::open(folder.path());
            let rows: Vec<(Key, Vec<f32>)> = (0..n_blocks * 64).map(row).collect();
            let keys: Vec<Key> = rows.iter().map(|(key, _)| *key).collect();
            let mut n_found = 0;
            cache.load(&keys, DIM, &mut |i, found| {
                assert_eq!(found, rows[i].1);
                n_found += 1;
            });
            assert_eq!(n_found, rows.len());
            assert!(cache.notices().is_empty(), "{:?}", cache.notices());
        }
    }
    println!(
        "{ROUNDS} kills, {n_acknowledged} of them after an acknowledgment, {} vectors all there",
        n_blocks * 64
    );
    assert!(n_acknowledged >= ROUNDS / 2);
}

#[test]
fn a_workspace_is_old_or_new_and_always_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.semascope");
    let (mut next, mut n_acknowledged) = (0, 0);
    for round in 0..ROUNDS {
        fs::write(folder.path().join("start"), next.to_string()).unwrap();
        let last = killed(actor("workspace", folder.path()), round);
        n_acknowledged += usize::from(last.is_some());
        let Ok(bytes) = fs::read(&path) else {
            assert_eq!((last, next), (None, 0), "the file is gone");
            continue;
        };
        let mut session = Session::new(Settings::default(), Tools::default());
        session.restore(Opened::decode(&bytes).unwrap(), None);
        let restored = session.user_state("map");
        // What was acknowledged, or the one that was being written when the end came.
        let (least, most) = (
            last.unwrap_or(next.max(1) - 1),
            last.map_or(next, |last| last + 1),
        );
        assert!(
            (least..=most).any(|n| restored == state(n)),
            "not {least} to {most}"
        );
        next = most;
    }
    println!("{ROUNDS} kills, {n_acknowledged} of them after an acknowledgment");
    assert!(n_acknowledged >= ROUNDS / 2);
}

#[test]
fn a_journal_is_found_again_with_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut n_acknowledged = 0;
    for round in 0..ROUNDS {
        let place = folder.path().join(round.to_string());
        fs::create_dir(&place).unwrap();
        let last = killed(actor("journal", &place), round);
        let found = Leftover::find(&place);
        let Some(last) = last else { continue };
        n_acknowledged += 1;
        assert_eq!((found.len(), found[0].is_clean), (1, false));
        assert!([last, last + 1].iter().any(|n| found[0].state == state(*n)));
    }
    println!("{ROUNDS} kills, {n_acknowledged} of them after an acknowledgment");
    assert!(n_acknowledged >= ROUNDS / 2);
}

/// A file system of its own, so small that it is soon full.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    /// `None` where that is not allowed.
    fn new(megabytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path());
        let mounted = mount
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            println!("skipped: no file system can be mounted here");
        }
        mounted.then_some(Self(folder))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    let Some(disk) = SmallDisk::new(4) else {
        return;
    };
    let folder = disk.0.path();
    let path = folder.join("a.semascope");
    workspace::save(&path, &encode(&state(1), None).unwrap()).unwrap();
    let cache = Cache::open(folder);
    let mut n_stored = 0;
    for block in 0..1000 {
        let rows: Vec<(Key, Vec<f32>)> = (0..64).map(|i| row(block * 64 + i)).collect();
        cache.store(rows.iter().map(|(key, row)| (*key, row.as_slice())));
        if !cache.notices().is_empty() {
            break;
        }
        n_stored += 64;
    }
    assert_eq!(cache.notices().len(), 1);
    assert!(
        cache.notices()[0].starts_with("The disk is full"),
        "{:?}",
        cache.notices()
    );
    fs::write(folder.join("filler"), vec![1; 4 << 20]).unwrap_err();
    let error = workspace::save(&path, &encode(&state(2), None).unwrap()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("What was saved before is unchanged"),
        "{error}"
    );
    let mut session = Session::new(Settings::default(), Tools::default());
    session.restore(Opened::decode(&fs::read(&path).unwrap()).unwrap(), None);
    assert_eq!(session.user_state("map"), state(1));
    drop(cache);
    fs::remove_file(folder.join("filler")).unwrap();
    let cache = Cache::open(folder);
    let keys: Vec<Key> = (0..n_stored).map(|i| row(i).0).collect();
    let mut n_found = 0;
    cache.load(&keys, DIM, &mut |_, _| n_found += 1);
    assert_eq!((n_found, cache.notices()), (n_stored, Vec::<String>::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_made_read_only_in_mid_run_costs_nothing_that_was_there() {
    let Some(disk) = SmallDisk::new(8) else {
        return;
    };
    let folder = disk.0.path();
    let path = folder.join("a.semascope");
    workspace::save(&path, &encode(&state(1), None).unwrap()).unwrap();
    let cache = Cache::open(folder);
    let rows: Vec<(Key, Vec<f32>)> = (0..128).map(row).collect();
    cache.store(rows[..64].iter().map(|(key, row)| (*key, row.as_slice())));
    // Open files keep a file system from becoming read-only, so it is made so by force.
    let again = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(folder)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if again.success() {
        cache.store(rows[64..].iter().map(|(key, row)| (*key, row.as_slice())));
        assert_eq!(cache.notices().len(), 1, "{:?}", cache.notices());
    } else {
        println!(
            "the file system stays writable while a file is open; only the workspace is tried"
        );
        drop(cache);
        let again = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(folder)
            .status()
            .unwrap();
        assert!(again.success());
        let cache = Cache::open(folder);
        assert_eq!(cache.notices().len(), 1, "{:?}", cache.notices());
        assert!(cache.notices()[0].starts_with("Working without the cache"));
    }
    assert!(workspace::save(&path, &encode(&state(2), None).unwrap()).is_err());
    let mut session = Session::new(Settings::default(), Tools::default());
    session.restore(Opened::decode(&fs::read(&path).unwrap()).unwrap(), None);
    assert_eq!(session.user_state("map"), state(1));
}
