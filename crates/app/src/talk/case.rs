//! One case of a running server, in sentences.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{Client, client::language, query::encoded};
use crate::exit::{Outcome, print};

/// Which case, and how it is told.
#[derive(Debug, Args)]
pub struct Which {
    /// Its number; or kind and number, or a name
    #[arg(required = true, num_args = 1..=2, value_names = ["KIND", "ID"])]
    id: Vec<String>,
    /// The language; that of the terminal, unless this is said
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// As JSON, for a program
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// 한국어
    Ko,
    /// English
    En,
}

/// Printed under `madang case --help`.
pub const EXAMPLES: &str = "\
Examples:
  madang case 1                the request with this number, and all that came of it
  madang case job 1            the case that a job belongs to
  madang case part 냉장고-01    by name";

/// Prints it.
pub fn run(client: &Client, which: &Which) -> Outcome {
    let id: Vec<_> = which.id.iter().flat_map(|it| it.split('/')).map(encoded).collect();
    let told = client.get(&format!("/ops/cases/{}", id.join("/")))?.ok()?;
    if which.json {
        return print(format!("{told}\n"));
    }
    let lang = match which.lang {
        Some(Language::Ko) => "ko",
        Some(Language::En) => "en",
        None => language(),
    };
    let says = |it: &Value| it["sentence"][lang].as_str().unwrap_or_default().to_owned();
    let mut text = format!("{}: {}\n", told["case"].as_str().unwrap_or_default(), says(&told));
    for event in told["events"].as_array().into_iter().flatten() {
        let time: String = event["time"].as_str().unwrap_or_default().chars().take(19).collect();
        text.push_str(&line(&time.replace('T', " "), &says(event)));
    }
    let remains = told["remains"].as_array().map(Vec::as_slice).unwrap_or_default();
    for it in remains {
        let stage = match (it["stage"].as_str().unwrap_or_default(), lang) {
            ("new", "ko") => "아직",
            ("waiting", "ko") => "대기",
            ("failed", "ko") => "재시도",
            ("parked", "ko") => "멈춤",
            (stage, _) => stage,
        };
        text.push_str(&line(stage, &says(it)));
    }
    print(text)
}

fn line(head: &str, said: &str) -> String {
    format!("  {}  {said}\n", crate::columns::padded(head, 19, false))
}
