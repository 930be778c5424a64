//! Planted bugs: each must be found, or the simulation is worth nothing.
//!
//! Some are planted in the runtime, others in the business: each of its
//! policies is left out in turn.

#[cfg(not(feature = "mutants"))]
use kernel::System;

/// How many seeds may be needed.
#[cfg(feature = "mutants")]
const SEEDS: u64 = 200;

/// The business with what is planted in it.
#[cfg(not(feature = "mutants"))]
pub fn planted_in(system: System) -> System {
    system
}

/// Plants one.
///
/// # Errors
///
/// When there is none of that name, or this build has none.
#[cfg(not(feature = "mutants"))]
pub fn plant(_: &str) -> Result<(), String> {
    Err(NONE.into())
}

/// Plants every bug in turn, and says whether each was found.
///
/// # Errors
///
/// When this build has none.
#[cfg(not(feature = "mutants"))]
pub fn all_are_found(_: Option<&std::path::Path>, _: std::time::Duration) -> Result<bool, String> {
    Err(NONE.into())
}

#[cfg(not(feature = "mutants"))]
const NONE: &str = "this build has no planted bugs; say `cargo sim`";

#[cfg(feature = "mutants")]
pub use on::{all_are_found, plant, planted_in};

#[cfg(feature = "mutants")]
mod on {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs, io,
        path::Path,
        time::{Duration, Instant},
    };

    use kernel::System;
    use parking_lot::Mutex;
    use runtime::mutant;

    use super::SEEDS;
    use crate::{options::Business, run, watch::Watch};

    /// The policy that is left out.
    static LEFT_OUT: Mutex<Option<String>> = Mutex::new(None);

    /// Between these marks stands the table.
    const BEGIN: &str = "<!-- planted bugs -->";
    const END: &str = "<!-- end of planted bugs -->";
    const HEAD: &str = "\
| planted bug | what is wrong | seeds that find it | what they say is broken |
| --- | --- | ---: | --- |
";

    /// What a name of a left-out policy begins with.
    const WITHOUT: &str = "without_";

    /// Which seeds have found it, and by which laws.
    #[derive(Default)]
    struct Found {
        tried: u64,
        by: u64,
        first: Option<(u64, String)>,
        laws: BTreeSet<&'static str>,
    }

    /// The business with what is planted in it.
    pub fn planted_in(mut system: System) -> System {
        if let Some(name) = &*LEFT_OUT.lock() {
            for context in &mut system.contexts {
                context.policies.retain(|policy| policy.name != *name);
            }
        }
        system
    }

    /// Plants one.
    ///
    /// # Errors
    ///
    /// When there is none of that name.
    pub fn plant(name: &str) -> Result<(), String> {
        if !all().contains_key(name) {
            let all: Vec<_> = all().into_keys().collect();
            return Err(format!("there is no bug {name}; there is {}", all.join(", ")));
        }
        let left_out = name.strip_prefix(WITHOUT).map(str::to_owned);
        *LEFT_OUT.lock() = left_out;
        mutant::plant(mutant::ALL.iter().find(|it| it.name == name).copied());
        Ok(())
    }

    /// The names of all, and what is wrong then.
    fn all() -> BTreeMap<String, String> {
        let own = mutant::ALL.iter().map(|it| (it.name.to_owned(), it.what.to_owned()));
        let system = Business::Repair.system();
        let policies = system.contexts.iter().flat_map(|it| &it.policies);
        let without = policies.map(|policy| {
            let what = format!("the business forgets to {}", policy.name.replace('_', " "));
            (format!("{WITHOUT}{}", policy.name), what)
        });
        own.chain(without).collect()
    }

    /// Plants every bug in turn, and says whether each was found: by the first
    /// seed, or by how many of all when there is to be a table.
    ///
    /// # Errors
    ///
    /// When one of them cannot be planted.
    pub fn all_are_found(table: Option<&Path>, patience: Duration) -> Result<bool, String> {
        let watch = Watch::over_runs(patience);
        let (begin, mut survived) = (Instant::now(), Vec::new());
        let mut rows = String::from(HEAD);
        let count = all().len();
        for (name, what) in all() {
            plant(&name)?;
            let Found { tried, by, first, laws } = look(&name, table.is_some(), &watch);
            let laws: Vec<_> = laws.into_iter().collect();
            let laws = laws.join(", ");
            if let Some((seed, sentence)) = first {
                println!("{name}: {what}\n    seed {seed}, {laws}: {sentence}");
            }
            let percent = by * 100 / tried;
            let row = ["", &format!("`{name}`"), &what, &format!("{percent} %"), &laws, "\n"];
            rows += row.join(" | ").trim_start();
            if by == 0 {
                println!("{name}: {what}\n    NOT FOUND in {SEEDS} seeds");
                survived.push(name);
            }
        }
        mutant::plant(None);
        let (found, took) = (count - survived.len(), begin.elapsed().as_secs());
        println!("{found} of {count} planted bugs found in {took} s; survived: {survived:?}");
        if let Some(file) = table {
            write(file, &rows).map_err(|it| format!("{}: {it}", file.display()))?;
        }
        Ok(survived.is_empty() && count > 0)
    }

    /// Puts the table between its marks.
    fn write(file: &Path, rows: &str) -> io::Result<()> {
        let text = fs::read_to_string(file)?;
        let between = |at: usize| text[at..].find(END).map(|end| (at, at + end));
        let (begin, end) = text
            .find(BEGIN)
            .and_then(|at| between(at + BEGIN.len()))
            .ok_or_else(|| io::Error::other(format!("there is no {BEGIN} and {END}")))?;
        fs::write(file, format!("{}\n{rows}{}", &text[..begin], &text[end..]))
    }

    /// Looks for what is planted now.
    fn look(name: &str, everywhere: bool, watch: &Watch) -> Found {
        let mut found = Found::default();
        for seed in 1..=SEEDS {
            watch.begins(&format!("seed {seed} with {name}"));
            let outcome = run(seed);
            found.tried += 1;
            let Some(broken) = outcome.broken else { continue };
            found.by += 1;
            found.laws.insert(broken.law.id);
            found.first.get_or_insert((seed, broken.sentence));
            if !everywhere {
                break;
            }
        }
        found
    }
}
