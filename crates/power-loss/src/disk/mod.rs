//! A disk as it may be: it knows what was written to it and what it was made to
//! keep, and it can fail.
//!
//! The files are real ones, so that whoever looks past the engine sees what the
//! engine sees; only what would be left of them is kept here.

mod medium;
mod plan;
mod remains;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use rusqlite::ffi;

use crate::dice::Dice;
use medium::Medium;
use plan::Counts;

pub use medium::Toll;
pub use plan::{Kind, Loss, Plan};
pub use remains::Remains;

/// What the engine is told.
pub type Code = std::ffi::c_int;

/// Which file; never the same for two of them, whatever they are called.
pub type File = u64;

/// The handle of a draft: it may be undone after a failure, because it is thrown
/// away as a whole.
pub const DRAFT: u64 = 0;

/// Who has no handle.
pub const NOBODY: u64 = u64::MAX;

/// The disks there are, by their folder.
static DISKS: Mutex<BTreeMap<PathBuf, Weak<Disk>>> = Mutex::new(BTreeMap::new());

/// A disk, with one folder on it.
pub struct Disk(Mutex<State>);

struct State {
    folder: PathBuf,
    plan: Plan,
    loss: Loss,
    dice: Dice,
    files: BTreeMap<File, Medium>,
    /// Which file has which number in the file system now.
    inodes: BTreeMap<u64, File>,
    /// The names that are there whatever happens.
    names: BTreeMap<OsString, File>,
    counts: Counts,
    writes: u64,
    in_checkpoint: bool,
    /// Which file each handle is one of.
    handles: BTreeMap<u64, File>,
    /// Handles that have yet to hear that a sync of their file has failed: a
    /// kernel tells each that was open then, and each once.
    unheard: BTreeSet<u64>,
    /// The handle whose operation failed.
    failed: Option<u64>,
    /// What was done later: through the same handle, and through any.
    later: (Vec<&'static str>, Vec<&'static str>),
    refused: u64,
    remains: Option<Remains>,
}

/// What is to become of an operation.
enum Fate {
    Done,
    Fails,
    Lost,
}

impl Disk {
    /// The folder as it is now, all of it durable.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    #[must_use]
    pub fn over(folder: &Path, plan: Plan, seed: u64) -> Arc<Self> {
        let folder = fs::canonicalize(folder).expect("the folder is there");
        let dice = Dice::of(seed, 0xd15c);
        let loss = Loss::drawn(&dice);
        let mut state = State::of(folder.clone(), plan, loss, dice);
        state.look_around();
        state.keep_names();
        let disk = Arc::new(Self(Mutex::new(state)));
        let mut disks = DISKS.lock();
        disks.retain(|_, disk| disk.strong_count() > 0);
        disks.insert(folder, Arc::downgrade(&disk));
        disk
    }

    /// The disk a file is on.
    pub(crate) fn of(path: &Path) -> Option<Arc<Self>> {
        DISKS.lock().get(path.parent()?).and_then(Weak::upgrade)
    }

    /// The operation that was to fail has failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.0.lock().failed.is_some()
    }

    /// What was done after an operation had failed: through its handle, and through any.
    #[must_use]
    pub fn done_later(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        self.0.lock().later.clone()
    }

    /// How many writes found no room.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.lock().refused
    }

    /// There is room again, or power; what comes now goes well.
    pub fn recover(&self) {
        self.0.lock().plan = Plan::Calm;
    }

    /// The power has failed.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.lock().remains.is_some()
    }

    /// The power fails now, unless it has.
    pub fn lose_power(&self) {
        let _ = self.remains();
    }

    /// What is there when the power is back; if it has not failed, it fails now.
    #[must_use]
    pub fn remains(&self) -> Remains {
        self.0.lock().lose_power()
    }

    /// A file was opened under this name.
    pub(crate) fn opened(&self, handle: u64, path: &Path, is_new: bool) -> Option<File> {
        let mut state = self.0.lock();
        let file = state.opened(path, is_new)?;
        state.handles.insert(handle, file);
        Some(file)
    }

    /// Nobody hears anything through this handle any more.
    pub(crate) fn closed(&self, handle: u64) {
        let mut state = self.0.lock();
        state.handles.remove(&handle);
        state.unheard.remove(&handle);
    }

    /// Writes; `real` does it.
    pub(crate) fn write(
        &self,
        (handle, file): (u64, File),
        at: u64,
        bytes: &[u8],
        real: impl FnOnce(&[u8]) -> Code,
    ) -> Code {
        let mut state = self.0.lock();
        let number = state.writes;
        state.writes += 1;
        let length = state.files.get(&file).map_or(0, Medium::length);
        let is_full = matches!(state.plan, Plan::IsFull(from) if number >= from);
        if is_full && at + bytes.len() as u64 > length {
            state.refused += 1;
            return ffi::SQLITE_FULL;
        }
        match state.next(handle, "write") {
            Fate::Done => match real(bytes) {
                ffi::SQLITE_OK => {
                    state.medium(file).write(at, bytes);
                    ffi::SQLITE_OK
                }
                code => code,
            },
            Fate::Fails => {
                let part = &bytes[..state.dice.index(bytes.len())];
                if real(part) == ffi::SQLITE_OK {
                    state.medium(file).write(at, part);
                }
                ffi::SQLITE_IOERR_WRITE
            }
            Fate::Lost => {
                state.medium(file).write(at, bytes);
                state.lose_power();
                ffi::SQLITE_IOERR_WRITE
            }
        }
    }

    /// Gives a file another length; `real` does it.
    pub(crate) fn resize(
        &self,
        (handle, file): (u64, File),
        length: u64,
        real: impl FnOnce() -> Code,
    ) -> Code {
        let mut state = self.0.lock();
        match state.next(handle, "truncate") {
            Fate::Done => match real() {
                ffi::SQLITE_OK => {
                    state.medium(file).resize(length);
                    ffi::SQLITE_OK
                }
                code => code,
            },
            Fate::Fails => ffi::SQLITE_IOERR_TRUNCATE,
            Fate::Lost => {
                state.medium(file).resize(length);
                state.lose_power();
                ffi::SQLITE_IOERR_TRUNCATE
            }
        }
    }

    /// Makes a file durable, and with it the names in the folder, if so wished.
    pub(crate) fn sync(&self, (handle, file): (u64, File), with_names: bool) -> Code {
        let mut state = self.0.lock();
        match state.next(handle, "sync") {
            Fate::Done => {
                state.medium(file).sync();
                if with_names {
                    state.keep_names();
                }
                if state.unheard.remove(&handle) {
                    return ffi::SQLITE_IOERR_FSYNC;
                }
                ffi::SQLITE_OK
            }
            Fate::Fails => {
                let State { files, loss, dice, handles, unheard, .. } = &mut *state;
                files.entry(file).or_default().fail_to_sync(loss, dice);
                let others = handles.iter().filter(|(it, of)| **of == file && **it != handle);
                unheard.extend(others.map(|(handle, _)| *handle));
                ffi::SQLITE_IOERR_FSYNC
            }
            Fate::Lost => {
                state.lose_power();
                ffi::SQLITE_IOERR_FSYNC
            }
        }
    }

    /// Takes a name out of the folder; `real` does it.
    pub(crate) fn remove(
        &self,
        (handle, path): (u64, &Path),
        with_names: bool,
        real: impl FnOnce() -> Code,
    ) -> Code {
        let mut state = self.0.lock();
        let inode = path.metadata().map(|it| it.ino());
        match state.next(handle, "remove") {
            Fate::Done => {
                let code = real();
                if code == ffi::SQLITE_OK {
                    if let Ok(inode) = inode {
                        state.inodes.remove(&inode);
                    }
                    if with_names {
                        state.keep_names();
                    }
                }
                code
            }
            Fate::Fails => ffi::SQLITE_IOERR_DELETE,
            Fate::Lost => {
                state.lose_power();
                ffi::SQLITE_IOERR_DELETE
            }
        }
    }

    /// The log begins to be copied into the file, or has been.
    pub(crate) fn checkpoint(&self, begins: bool) {
        self.0.lock().in_checkpoint = begins;
    }
}

impl State {
    fn of(folder: PathBuf, plan: Plan, loss: Loss, dice: Dice) -> Self {
        Self {
            folder,
            plan,
            loss,
            dice,
            files: BTreeMap::new(),
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            counts: Counts::default(),
            writes: 0,
            in_checkpoint: false,
            handles: BTreeMap::new(),
            unheard: BTreeSet::new(),
            failed: None,
            later: Default::default(),
            refused: 0,
            remains: None,
        }
    }

    fn next(&mut self, handle: u64, what: &'static str) -> Fate {
        if self.remains.is_some() {
            return Fate::Lost;
        }
        if let (Some(failed), false) = (self.failed, handle == DRAFT) {
            self.later.1.push(what);
            if failed == handle {
                self.later.0.push(what);
            }
        }
        let number = self.counts.one_more(what == "sync", self.in_checkpoint);
        match self.plan {
            Plan::PowerFails(kind, at) if number(kind) == Some(at) => Fate::Lost,
            Plan::Fails(kind, at) if number(kind) == Some(at) => {
                self.failed = Some(handle);
                Fate::Fails
            }
            _ => Fate::Done,
        }
    }

    fn medium(&mut self, file: File) -> &mut Medium {
        self.files.entry(file).or_default()
    }

    fn opened(&mut self, path: &Path, is_new: bool) -> Option<File> {
        let inode = path.metadata().ok()?.ino();
        let known = self.inodes.get(&inode).copied().filter(|_| !is_new);
        let Some(file) = known else {
            // Somebody else has put it there, and that with care.
            let content = if is_new { Vec::new() } else { fs::read(path).ok()? };
            let file = self.add(inode, content);
            if !is_new {
                self.keep_names();
            }
            return Some(file);
        };
        if self.names.get(path.file_name()?) != Some(&file) && path.extension()? == "db" {
            // It has got another name since, and who does so syncs the folder.
            self.keep_names();
        }
        Some(file)
    }

    fn add(&mut self, inode: u64, content: Vec<u8>) -> File {
        let file = self.files.keys().last().map_or(1, |last| last + 1);
        self.files.insert(file, Medium::of(content));
        self.inodes.insert(inode, file);
        file
    }

    fn look_around(&mut self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if let (Ok(found), Ok(content)) = (entry.metadata(), fs::read(entry.path())) {
                self.add(found.ino(), content);
            }
        }
    }

    /// The names as they are now, of files that we know.
    fn listed(&self) -> BTreeMap<OsString, File> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = entries.filter_map(|it| {
            let inode = it.metadata().ok()?.ino();
            Some((it.file_name(), *self.inodes.get(&inode)?))
        });
        files.collect()
    }

    fn keep_names(&mut self) {
        self.names = self.listed();
    }

    /// Once: what happens later happens to nothing.
    fn lose_power(&mut self) -> Remains {
        if let Some(remains) = &self.remains {
            return remains.clone();
        }
        let now = self.listed();
        let mut toll = Toll::default();
        let mut files = Vec::new();
        let names: BTreeSet<_> = self.names.keys().chain(now.keys()).collect();
        for name in names {
            // A name that has come, gone or changed since is as it was, or as it is.
            let place = if self.dice.percent(50) { &now } else { &self.names };
            if let Some(medium) = place.get(name).and_then(|file| self.files.get(file)) {
                files.push((name.clone(), medium.after(&self.loss, &self.dice, &mut toll)));
            }
        }
        // Nobody syncs the index of the log; what is left of it must not matter.
        let index = self.folder.join("it.db-shm");
        if let (Ok(content), true) = (fs::read(index), self.dice.percent(50)) {
            files.push(("it.db-shm".into(), content));
        }
        let remains = Remains { files, toll, in_checkpoint: self.in_checkpoint };
        self.remains = Some(remains.clone());
        remains
    }
}
