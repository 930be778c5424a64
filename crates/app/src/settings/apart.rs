//! Whether every context can have a process of its own with these settings.

use std::collections::BTreeMap;

use super::{Effective, Engine, file::Own};
use crate::exit::{Code, Outcome, Stop};

impl Effective {
    /// Nothing, when it can.
    ///
    /// # Errors
    ///
    /// Which two are in each other's way, and the line that says so.
    pub fn can_be_apart(&self, contexts: &[&str]) -> Outcome {
        let settings = &self.settings;
        let stop = |source: &dyn std::fmt::Display, line: String| {
            Err(Stop::new(Code::Usage, format!("{source}: {line}")))
        };
        if !settings.contexts.is_empty() {
            let line = "apart serves every context: take context out";
            return stop(self.source("context"), line.to_owned());
        }
        let (mut places, mut files) = (BTreeMap::new(), BTreeMap::new());
        for context in contexts {
            if let Some(all) = settings.places.get(*context) {
                let source = self.source_of(context, Own::At);
                let [one] = all.as_slice() else {
                    let line = format!("apart starts one process for {context}, at one address");
                    return stop(source, line);
                };
                if let Some(other) = places.insert(one.trim_end_matches('/'), context) {
                    return stop(source, format!("{other} and {context} are both at {one}"));
                }
            }
            let engine = settings.stores.get(*context).unwrap_or(&settings.store);
            if let (Some(file), Engine::Sqlite) = (settings.databases.get(*context), engine)
                && let Some(other) = files.insert(file, context)
            {
                let file = file.display();
                let line = format!(
                    "{other} and {context} are both kept in {file}, which only one process can use"
                );
                return stop(self.source_of(context, Own::Database), line);
            }
        }
        Ok(())
    }
}
