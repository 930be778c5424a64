//! Names are stored once and stand for numbers everywhere else: keys stay short.

use std::{collections::HashMap, sync::Arc};

use parking_lot::{RwLock, RwLockReadGuard};
use runtime::store::{Layout, kept_name};
use rusqlite::Connection;

use crate::fault::Fault;

/// All words, in memory.
#[derive(Debug)]
pub struct Words {
    layout: Layout,
    list: RwLock<List>,
}

/// The words as they are at one moment. They are numbered from 1 without gaps.
#[derive(Debug, Default)]
pub struct List {
    words: Vec<Word>,
    numbers: HashMap<Arc<str>, i64>,
}

#[derive(Debug)]
struct Word {
    text: Arc<str>,
    known: Option<&'static str>,
}

impl Words {
    /// All that are stored.
    pub fn load(connection: &Connection, layout: Layout) -> rusqlite::Result<Self> {
        let mut list = List::default();
        let mut stored = connection.prepare("SELECT text FROM word ORDER BY id")?;
        for text in stored.query_map([], |row| row.get::<_, Arc<str>>(0))? {
            let text = text?;
            list.push(text.clone(), layout.known(&text));
        }
        Ok(Self { layout, list: RwLock::new(list) })
    }

    /// The number of a word, in the midst of a transaction; a new one is stored.
    ///
    /// Readers may find it before the commit: no row they can see has it yet.
    pub fn number(&self, connection: &Connection, text: &str) -> Result<i64, Fault> {
        if let Some(number) = self.list.read().find(text) {
            return Ok(number);
        }
        let mut list = self.list.write();
        let number = list.push(text.into(), self.layout.known(text));
        let mut insert =
            connection.prepare_cached("INSERT INTO word (id, text) VALUES (?1, ?2)")?;
        insert.execute((number, text))?;
        Ok(number)
    }

    /// How many there are before a transaction, for [`Words::forget`].
    pub fn mark(&self) -> usize {
        self.list.read().words.len()
    }

    /// The transaction did not happen: its new words neither.
    pub fn forget(&self, mark: usize) {
        if self.mark() > mark {
            let mut list = self.list.write();
            list.words.truncate(mark);
            list.numbers.retain(|_, number| usize::try_from(*number).is_ok_and(|it| it <= mark));
        }
    }

    /// To look up several; nothing else may be asked of the words meanwhile.
    pub fn list(&self) -> RwLockReadGuard<'_, List> {
        self.list.read()
    }

    /// The number of a word that is stored.
    pub fn find(&self, text: &str) -> Option<i64> {
        self.list.read().find(text)
    }
}

impl List {
    /// The number of a word.
    pub fn find(&self, text: &str) -> Option<i64> {
        self.numbers.get(text).copied()
    }

    /// A word as it is stored.
    pub fn text(&self, number: i64) -> Result<Arc<str>, Fault> {
        Ok(self.word(number)?.text.clone())
    }

    /// A word as the declaration has it; `place` says where it stands.
    pub fn known(
        &self,
        number: i64,
        place: impl FnOnce() -> String,
    ) -> Result<&'static str, Fault> {
        let word = self.word(number)?;
        let unknown = || Fault::Unreadable(place(), format!("nobody knows {}", word.text));
        word.known.ok_or_else(unknown)
    }

    /// A word of which it does not matter whether it is still declared: what it
    /// stands in is told, and never acted on.
    pub fn name(&self, number: i64) -> Result<&'static str, Fault> {
        let word = self.word(number)?;
        Ok(word.known.unwrap_or_else(|| kept_name(&word.text)))
    }

    fn word(&self, number: i64) -> Result<&Word, Fault> {
        let index = usize::try_from(number - 1).ok();
        index.and_then(|it| self.words.get(it)).ok_or_else(|| {
            Fault::Unreadable("a name".to_owned(), format!("there is no word {number}"))
        })
    }

    fn push(&mut self, text: Arc<str>, known: Option<&'static str>) -> i64 {
        self.words.push(Word { text: text.clone(), known });
        let number = at_end(&self.words);
        self.numbers.insert(text, number);
        number
    }
}

fn at_end(words: &[Word]) -> i64 {
    i64::try_from(words.len()).unwrap_or(i64::MAX)
}
