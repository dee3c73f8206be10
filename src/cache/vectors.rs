//! Vectors by text and model: stored in blocks, loaded in one pass, each row checked.

use std::sync::mpsc::sync_channel;
use std::thread;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{Cache, now, schema};

/// What a text is known by: SHA-256 of the model's tag and the text.
pub type Key = [u8; 32];

/// The key of a text for a model, whose tag says everything that decides its vectors.
pub fn key(model: &str, text: &str) -> Key {
    let mut hash = Sha256::new();
    hash.update((model.len() as u64).to_le_bytes());
    hash.update(model);
    hash.update(text);
    hash.finalize().into()
}

/// Fewer texts are looked up one by one; for more, one pass over the keys is quicker when the cache
/// is not many times larger. Where exactly hardly matters: among a million, 1,000 lookups take 20 ms
/// and a pass with all vectors 0.6 s (`cargo bench --bench cache`).
const KEYS_PER_LOOKUP: usize = 30;

/// Rows handed over at once.
const BLOCK_ROWS: usize = 512;

/// The share of its size that the cache keeps when it has grown too large.
const KEPT_SHARE: f64 = 0.8;

/// A key that is wanted, and which row wants it.
struct Wanted {
    key: Key,
    index: usize,
}

/// A vector that was found by its key.
struct Place {
    vector: i64,
    key: Key,
    index: usize,
    week: i64,
}

/// Rows that were read: which, and their numbers one after another.
#[derive(Default)]
struct Block {
    indices: Vec<usize>,
    numbers: Vec<f32>,
    /// Keys of rows whose checksum is wrong.
    damaged: Vec<Key>,
}

impl Cache {
    /// Looks for the vectors of `keys`, each of length `dim`, and hands those it has to `take` with
    /// the index of their key. Damaged rows are as good as missing, and forgotten.
    pub fn load(&self, keys: &[Key], dim: usize, take: &mut dyn FnMut(usize, &[f32])) {
        if self.state().writer.is_none() || keys.is_empty() {
            return;
        }
        let loaded = self.places(keys).and_then(|mut places| {
            places.sort_unstable_by_key(|place| place.vector);
            let damaged = self.read_places(&places, dim, take)?;
            self.touch(&places)?;
            self.forget(&damaged)
        });
        if let Err(error) = loaded {
            let mut state = self.state();
            self.trouble(&mut state, &error);
        }
    }

    fn places(&self, keys: &[Key]) -> Result<Vec<Place>, rusqlite::Error> {
        let reader = schema::open_reader(self.path())?;
        let n_known: i64 = reader.query_row("SELECT count(*) FROM text", [], |row| row.get(0))?;
        let mut wanted: Vec<Wanted> = keys
            .iter()
            .enumerate()
            .map(|(index, key)| Wanted { key: *key, index })
            .collect();
        wanted.sort_unstable_by_key(|wanted| wanted.key);
        if keys.len().saturating_mul(KEYS_PER_LOOKUP) < usize::try_from(n_known).unwrap_or(0) {
            look_up(&reader, &wanted)
        } else {
            merge(&reader, &wanted)
        }
    }

    /// Reads the rows on all cores, and tells which keys have a damaged one.
    fn read_places(
        &self,
        places: &[Place],
        dim: usize,
        take: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<Vec<Key>, rusqlite::Error> {
        let n_threads = thread::available_parallelism().map_or(1, usize::from);
        let share = places.len().div_ceil(n_threads).max(BLOCK_ROWS);
        let mut damaged = Vec::new();
        thread::scope(|scope| {
            let (sender, blocks) = sync_channel::<Result<Block, rusqlite::Error>>(2 * n_threads);
            for part in places.chunks(share) {
                let (sender, path) = (sender.clone(), self.path());
                let read = move || {
                    let read = schema::open_reader(path).and_then(|reader| {
                        read_rows(&reader, part, dim, &mut |block| {
                            sender.send(Ok(block)).is_ok()
                        })
                    });
                    if let Err(error) = read {
                        let _ = sender.send(Err(error));
                    }
                };
                let started = thread::Builder::new()
                    .name("cache reader".into())
                    .spawn_scoped(scope, read);
                if started.is_err() {
                    return Err(rusqlite::Error::InvalidQuery);
                }
            }
            drop(sender);
            for block in blocks {
                let block = block?;
                let rows = block.numbers.chunks_exact(dim.max(1));
                block
                    .indices
                    .iter()
                    .zip(rows)
                    .for_each(|(index, row)| take(*index, row));
                damaged.extend(block.damaged);
            }
            Ok(damaged)
        })
    }

    /// Notes that these were used this week, at most once a week.
    fn touch(&self, places: &[Place]) -> Result<(), rusqlite::Error> {
        let week = week();
        let mut stale: Vec<&Key> = places
            .iter()
            .filter(|place| place.week < week)
            .map(|place| &place.key)
            .collect();
        if stale.is_empty() {
            return Ok(());
        }
        stale.sort_unstable();
        let mut state = self.state();
        let Some(writer) = &mut state.writer else {
            return Ok(());
        };
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut update =
                transaction.prepare_cached("UPDATE text SET week = ?1 WHERE key = ?2")?;
            for key in stale {
                update.execute(params![week, key])?;
            }
        }
        transaction.commit()
    }

    fn forget(&self, damaged: &[Key]) -> Result<(), rusqlite::Error> {
        if damaged.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        let n = damaged.len();
        state.notices.push(format!(
            "{} damaged in the cache {} computed anew",
            crate::message::count(n, "vector"),
            if n == 1 { "was" } else { "were" }
        ));
        let Some(writer) = &mut state.writer else {
            return Ok(());
        };
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for key in damaged {
            transaction.execute(
                "DELETE FROM vector WHERE id = (SELECT vector FROM text WHERE key = ?1)",
                [key],
            )?;
            transaction.execute("DELETE FROM text WHERE key = ?1", [key])?;
        }
        transaction.commit()
    }

    /// Keeps vectors for the next time; those it has already stay as they are. When this returns
    /// they outlive the program, however it ends.
    pub fn store<'a>(&self, rows: impl IntoIterator<Item = (Key, &'a [f32])>) {
        let mut state = self.state();
        let Some(writer) = &mut state.writer else {
            return;
        };
        let stored = insert(writer, rows).and_then(|()| self.shrink(writer));
        if let Err(error) = stored {
            self.trouble(&mut state, &error);
        }
    }

    /// Drops what was not used for longest, when the file has grown too large.
    fn shrink(&self, writer: &mut Connection) -> Result<(), rusqlite::Error> {
        let pages = |name: &str| {
            writer.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
        };
        let (n_pages, n_free, page_size) = (
            pages("page_count")?,
            pages("freelist_count")?,
            pages("page_size")?,
        );
        let used = u64::try_from((n_pages - n_free) * page_size).unwrap_or(0);
        if used <= self.0.max_bytes {
            return Ok(());
        }
        let n_texts: i64 = writer.query_row("SELECT count(*) FROM text", [], |row| row.get(0))?;
        let kept = self.0.max_bytes as f64 * KEPT_SHARE / used as f64;
        let n_dropped = (n_texts as f64 * (1.0 - kept)).ceil() as i64;
        let transaction =
            writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        transaction
            .execute_batch("CREATE TEMP TABLE dropped (key BLOB PRIMARY KEY, vector INTEGER)")?;
        transaction.execute(
            "INSERT INTO dropped SELECT key, vector FROM text ORDER BY week, vector LIMIT ?1",
            [n_dropped],
        )?;
        transaction.execute_batch(
            "DELETE FROM vector WHERE id IN (SELECT vector FROM dropped); \
             DELETE FROM text WHERE key IN (SELECT key FROM dropped); DROP TABLE dropped;",
        )?;
        transaction.commit()?;
        writer.execute_batch("PRAGMA incremental_vacuum")
    }
}

/// Finds keys one by one.
fn look_up(reader: &Connection, wanted: &[Wanted]) -> Result<Vec<Place>, rusqlite::Error> {
    let mut query = reader.prepare("SELECT vector, week FROM text WHERE key = ?1")?;
    let mut places = Vec::new();
    for Wanted { key, index } in wanted {
        let found = query
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((vector, week)) = found {
            places.push(Place {
                vector,
                key: *key,
                index: *index,
                week,
            });
        }
    }
    Ok(places)
}

/// Finds keys in one pass over all, both sides being in order.
fn merge(reader: &Connection, wanted: &[Wanted]) -> Result<Vec<Place>, rusqlite::Error> {
    let mut query = reader.prepare("SELECT key, vector, week FROM text ORDER BY key")?;
    let mut rows = query.query([])?;
    let mut places = Vec::with_capacity(wanted.len());
    let mut rest = wanted;
    while let (Some(row), false) = (rows.next()?, rest.is_empty()) {
        let known = row.get_ref(0)?.as_blob()?;
        let n_before = rest
            .iter()
            .take_while(|wanted| wanted.key.as_slice() < known)
            .count();
        rest = &rest[n_before..];
        let n_equal = rest.iter().take_while(|wanted| wanted.key == known).count();
        for Wanted { key, index } in &rest[..n_equal] {
            places.push(Place {
                vector: row.get(1)?,
                key: *key,
                index: *index,
                week: row.get(2)?,
            });
        }
        rest = &rest[n_equal..];
    }
    Ok(places)
}

/// Reads rows in order of their number; `hand_over` says whether anybody still listens.
fn read_rows(
    reader: &Connection,
    places: &[Place],
    dim: usize,
    hand_over: &mut dyn FnMut(Block) -> bool,
) -> Result<(), rusqlite::Error> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return Ok(());
    };
    let span = usize::try_from(last.vector - first.vector).unwrap_or(usize::MAX);
    let is_dense = span / 2 < places.len();
    let mut scan = reader
        .prepare("SELECT id, checksum, data FROM vector WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
    let mut point = reader.prepare("SELECT id, checksum, data FROM vector WHERE id = ?1")?;
    let mut block = Block::default();
    let mut rest = places;
    if is_dense {
        let mut rows = scan.query([first.vector, last.vector])?;
        while let (Some(row), false) = (rows.next()?, rest.is_empty()) {
            let id: i64 = row.get(0)?;
            while let [place, tail @ ..] = rest
                && place.vector <= id
            {
                if place.vector == id {
                    block.push(place, row, dim)?;
                }
                rest = tail;
            }
            if block.indices.len() >= BLOCK_ROWS && !hand_over(std::mem::take(&mut block)) {
                return Ok(());
            }
        }
    } else {
        for place in places {
            let mut rows = point.query([place.vector])?;
            if let Some(row) = rows.next()? {
                block.push(place, row, dim)?;
            }
            if block.indices.len() >= BLOCK_ROWS && !hand_over(std::mem::take(&mut block)) {
                return Ok(());
            }
        }
    }
    hand_over(block);
    Ok(())
}

impl Block {
    fn push(
        &mut self,
        place: &Place,
        row: &rusqlite::Row<'_>,
        dim: usize,
    ) -> Result<(), rusqlite::Error> {
        let stored: i64 = row.get(1)?;
        let data = row.get_ref(2)?.as_blob()?;
        if data.len() != dim * size_of::<f32>() || checksum(&place.key, data) != stored {
            self.damaged.push(place.key);
            return Ok(());
        }
        self.indices.push(place.index);
        let numbers = data
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        self.numbers.extend(numbers);
        Ok(())
    }
}

fn insert<'a>(
    writer: &mut Connection,
    rows: impl IntoIterator<Item = (Key, &'a [f32])>,
) -> Result<(), rusqlite::Error> {
    let week = week();
    // At once a writer, or two programs that both read first could block each other for good.
    let transaction = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let mut known = transaction.prepare_cached("SELECT 1 FROM text WHERE key = ?1")?;
        let mut add_vector =
            transaction.prepare_cached("INSERT INTO vector (checksum, data) VALUES (?1, ?2)")?;
        let mut add_text = transaction
            .prepare_cached("INSERT INTO text (key, vector, week) VALUES (?1, ?2, ?3)")?;
        for (key, numbers) in rows {
            if known.exists([&key])? {
                continue;
            }
            let data: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
            let vector = add_vector.insert(params![checksum(&key, &data), data])?;
            add_text.execute(params![key, vector, week])?;
        }
    }
    transaction.commit()
}

/// Covers the key too, so that a vector under a wrong key is found out.
fn checksum(key: &Key, data: &[u8]) -> i64 {
    let mut hash = crc32fast::Hasher::new();
    hash.update(key);
    hash.update(data);
    i64::from(hash.finalize())
}

fn week() -> i64 {
    const SECONDS: u64 = 7 * 24 * 60 * 60;
    i64::try_from(now().as_secs() / SECONDS).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    const DIM: usize = 8;

    fn numbers(i: usize) -> Vec<f32> {
        (0..DIM).map(|j| (i * DIM + j) as f32 / 7.0).collect()
    }

    fn keys(n: usize) -> Vec<Key> {
        (0..n).map(|i| key("model", &format!("text {i}"))).collect()
    }

    fn filled(folder: &Path, n: usize) -> Cache {
        let cache = Cache::open(folder);
        let vectors: Vec<Vec<f32>> = (0..n).map(numbers).collect();
        cache.store(keys(n).into_iter().zip(vectors.iter().map(Vec::as_slice)));
        cache
    }

    /// Which of `keys` come back, every one checked.
    fn found(cache: &Cache, keys: &[Key]) -> Vec<usize> {
        let mut found = Vec::new();
        cache.load(keys, DIM, &mut |index, row| {
            assert_eq!(row, numbers(index));
            found.push(index);
        });
        found.sort_unstable();
        found
    }

    #[test]
    fn what_is_stored_comes_back_bit_for_bit_in_another_program() {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path(), 3000));
        let cache = Cache::open(folder.path());
        let mut wanted = keys(4000);
        assert_eq!(found(&cache, &wanted), (0..3000).collect::<Vec<_>>());
        wanted.truncate(10);
        assert_eq!(found(&cache, &wanted), (0..10).collect::<Vec<_>>());
        assert_eq!(cache.usage().unwrap().n_vectors, 3000);
        assert!(cache.notices().is_empty());
        cache.clear().unwrap();
        assert!(found(&cache, &wanted).is_empty());
    }

    #[test]
    fn models_keep_apart_and_equal_texts_share() {
        assert_ne!(key("a", "bc"), key("ab", "c"));
        let folder = tempfile::tempdir().unwrap();
        let cache = filled(folder.path(), 5);
        drop(filled(folder.path(), 5));
        assert_eq!(cache.usage().unwrap().n_vectors, 5);
        let twice = [keys(1)[0], keys(1)[0]];
        let mut n = 0;
        cache.load(&twice, DIM, &mut |_, row| {
            n += usize::from(row == numbers(0));
        });
        assert_eq!(n, 2);
    }

    #[test]
    fn a_damaged_row_is_found_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let cache = filled(folder.path(), 600);
        {
            let state = cache.state();
            let writer = state.writer.as_ref().unwrap();
            writer
                .execute("UPDATE vector SET data = zeroblob(32) WHERE id = 5", [])
                .unwrap();
        }
        let expected: Vec<usize> = (0..600).filter(|i| *i != 4).collect();
        assert_eq!(found(&cache, &keys(600)), expected);
        assert_eq!(
            cache.notices(),
            ["1 vector damaged in the cache was computed anew"]
        );
        assert_eq!(cache.usage().unwrap().n_vectors, 599);
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_made_anew() {
        for damage in [
            b"not a database at all, but long enough to be looked at".to_vec(),
            Vec::new(),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = filled(folder.path(), 2000).path().to_owned();
            let damage = if damage.is_empty() {
                // The head is sound and the rest is noise.
                let mut bytes = fs::read(&path).unwrap();
                bytes[20_000..]
                    .iter_mut()
                    .enumerate()
                    .for_each(|(i, byte)| *byte = (i * 37) as u8);
                bytes
            } else {
                damage
            };
            fs::write(&path, damage).unwrap();
            let cache = Cache::open(folder.path());
            assert!(found(&cache, &keys(2000)).is_empty());
            cache.store([(keys(1)[0], numbers(0).as_slice())]);
            assert_eq!(found(&cache, &keys(2000)), [0]);
            assert!(
                cache.notices()[0].starts_with("The cache of vectors was damaged."),
                "{:?}",
                cache.notices()
            );
            let n_aside = fs::read_dir(folder.path()).unwrap().flatten();
            let n_aside = n_aside
                .filter(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"))
                .count();
            assert_eq!(n_aside, 1);
        }
    }

    #[test]
    fn it_keeps_to_its_size_and_drops_the_oldest() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::with_size(folder.path(), 1 << 20);
        let row = vec![0.5; 1024];
        for batch in keys(2000).chunks(100) {
            cache.store(batch.iter().map(|key| (*key, row.as_slice())));
        }
        let usage = cache.usage().unwrap();
        assert!(usage.n_vectors > 100 && usage.n_vectors < 300, "{usage:?}");
        let mut last = false;
        cache.load(&keys(2000)[1999..], 1024, &mut |_, _| last = true);
        assert!(last);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "x").unwrap();
        let cache = filled(&folder.path().join("file"), 3);
        assert!(found(&cache, &keys(3)).is_empty());
        assert_eq!(cache.notices().len(), 1);
        assert_eq!(cache.usage(), None);
    }
}
