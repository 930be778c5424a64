//! One case of a running server, in sentences.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    Client,
    client::language,
    query::encoded,
    several::{self, Pages},
};
use crate::exit::{Code, Outcome, Stop, print};

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
    let told = whole(&client.each(), &id.join("/"))?;
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

/// What all of them know of it.
fn whole(servers: &[Client], id: &str) -> Outcome<Value> {
    let ask = |server: &Client, id: &str| server.get(&format!("/ops/cases/{id}"))?.ok();
    if let [only] = servers {
        return ask(only, id);
    }
    // Whoever keeps it knows whose case it is; to the others it is a name.
    let mut no = None;
    let mut answers = servers.iter().map(|it| ask(it, id));
    let is_known = |it: &Value| !it["events"].as_array().is_none_or(Vec::is_empty);
    let found = answers.find_map(|answer| match answer {
        Ok(told) => is_known(&told).then_some(told),
        Err(stop) => {
            no = Some(stop);
            None
        }
    });
    let Some(found) = found else {
        return Err(no.unwrap_or_else(|| Stop::new(Code::Bad, format!("there is no {id}"))));
    };
    let case = found["case"].as_str().unwrap_or_default();
    let (mut stories, mut remains) = (Vec::new(), Vec::new());
    for server in servers {
        let told = ask(server, case)?;
        remains.extend(told["remains"].as_array().cloned().unwrap_or_default());
        let mut events = told["events"].as_array().cloned();
        stories.push(Pages::of(move || Ok(events.take().unwrap_or_default())));
    }
    let mut events = Vec::new();
    several::tell(stories, |event| {
        events.push(event);
        Ok(())
    })?;
    let parked = remains.iter().filter(|it| it["waitsFor"]["who"] == "operator").count();
    let sentence = rest::summary(events.len(), remains.len(), parked);
    Ok(json!({ "case": case, "events": events, "remains": remains, "sentence": sentence }))
}

fn line(head: &str, said: &str) -> String {
    format!("  {}  {said}\n", crate::columns::padded(head, 19, false))
}
