//! What an operator or a start asks of the database beside the port.

use kernel::Time;
use runtime::store::StoreError;

use crate::{
    PostgresStore,
    ask::{Ask, quoted},
    fault::Fault,
    migrate::ours,
    taken::{number, take},
};

impl PostgresStore {
    /// The contexts that have a history in this database and no place in its
    /// layout: somebody keeps them elsewhere now, or another store has them open.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn left_behind(&self) -> Result<Vec<String>, StoreError> {
        let ours = self.read(ours())?;
        let names = ours.iter().map(|row| take::<String>(row, 0));
        let mut left = Vec::new();
        for name in names.collect::<Result<Vec<_>, Fault>>()? {
            let is_placed = self.contexts.iter().any(|it| it.name == name);
            let position = format!("SELECT position FROM {}.head", quoted(&name));
            if !is_placed && self.is_above_zero(&position)? {
                left.push(name);
            }
        }
        Ok(left)
    }

    /// Removes answers from before that time, the oldest first, and says how
    /// many: call it again while it is `at_most`.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn purge_answers(&self, before: Time, at_most: usize) -> Result<usize, StoreError> {
        let mut purged = 0;
        for context in &self.contexts {
            purged += self.read(context.answers.purge(before, at_most - purged))?.len();
        }
        Ok(purged)
    }

    fn is_above_zero(&self, sql: &str) -> Result<bool, Fault> {
        let rows = self.read(Ask::plain(sql))?;
        rows.first().map_or(Ok(false), |row| Ok(number(row, 0)? > 0))
    }
}
