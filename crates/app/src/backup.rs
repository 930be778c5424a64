//! A copy of the data as of one moment, for the day on which it is needed.

use std::path::Path;

use kernel::System;

use crate::{
    exit::{self, Code, OrStop, Outcome, Stop},
    serve::data,
    settings::Settings,
};

/// Makes it, and says what was copied.
pub fn make(system: &System, settings: &Settings, to: &Path) -> Outcome {
    let files = data::files(system, settings)?;
    let directory = settings.data.display();
    if files.is_empty() {
        let line = format!("there are no data of {} in {directory}", system.name);
        return Err(Stop::new(Code::Data, line));
    }
    let copied = store_sqlite::backup(&settings.data, &files, to).or_stop(Code::Data)?;
    let file = |(file, bytes): &(_, u64)| format!("{}  {bytes} bytes", to.join(file).display());
    let files: Vec<_> = copied.files.iter().map(file).collect();
    let (files, paused) = (files.join("\n"), copied.paused.as_secs_f64() * 1_000.0);
    let text = format!(
        "{files}\n\
         한 시점의 사본이에요. 쓰기는 {paused:.1} ms 동안만 멈췄어요.\n\
         All of one moment; nobody could write for {paused:.1} ms.\n\
         madang serve {} --data {}\n",
        system.name,
        to.display()
    );
    exit::print(text)
}
