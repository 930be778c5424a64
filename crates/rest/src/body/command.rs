//! From a body to a command: everything that is wrong with it is said at once.

use kernel::{Command, Field, Note, Rule, Shape};
use serde_json::{Value, error::Category, value::RawValue};

use super::check::check;
use crate::{
    problem::{Kind, Place, Problem, Violation},
    rows::{Members, quoted},
};

/// Reads the command of a rule.
///
/// Each member is held against the note of the command, under its name or another that is
/// understood for it; what stands there in another way than it is always written is rewritten;
/// and only then the command is read with its type.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn command(rule: &Rule, body: &[u8]) -> Result<Command, Problem> {
    let members = members(body)?;
    let (taken, mut wrong) = sort(rule.command, &members);
    let mut written = Vec::with_capacity(taken.len());
    for (field, raw) in taken {
        match check(&field.shape, raw) {
            Ok(value) => written.push((field, value.into_owned())),
            Err(broken) => {
                let sentences = (broken.ko.as_str(), broken.en.as_str());
                let violation = Violation::new(Place::Body, field.name, broken.rule, sentences);
                let more = broken.more.into_iter();
                wrong.push(more.fold(violation, |it, (name, value)| it.with(name, value)));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    let pairs: Vec<_> =
        written.iter().map(|(field, value)| format!("{}:{value}", quoted(field.name))).collect();
    let body = format!("{{{}}}", pairs.join(","));
    rule.read(body.as_bytes()).map_err(|error| unreadable(rule, &written, &error))
}

/// The members of a body that is no command, each once, and no others than these.
///
/// # Errors
///
/// As [`command`].
pub fn plain<'a>(body: &'a [u8], known: &[&str]) -> Result<Members<'a>, Problem> {
    let members = members(body)?;
    let mut wrong = Vec::new();
    for (index, (name, _)) in members.0.iter().enumerate() {
        if !known.contains(&&**name) {
            wrong.push(Violation::unknown(Place::Body, name, known));
        } else if members.0[..index].iter().any(|(before, _)| before == name) {
            wrong.push(Violation::twice(Place::Body, name));
        }
    }
    if wrong.is_empty() { Ok(members) } else { Err(Problem::invalid(wrong)) }
}

fn members(body: &[u8]) -> Result<Members<'_>, Problem> {
    Members::of(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.classify() == Category::Data {
            let sentences = ("JSON 객체여야 해요.", "must be a JSON object.");
            return Violation::new(Place::Body, "body", "type", sentences).into();
        }
        Problem::new(
            Kind::Malformed,
            format!("본문의 {line}번째 줄 {column}번째 글자에서 JSON이 아니에요."),
            format!("The body is no JSON at line {line}, column {column}."),
        )
    })
}

type Taken<'a> = Vec<(&'static Field, &'a RawValue)>;

/// Each member to its field.
fn sort<'a>(note: &'static Note, members: &Members<'a>) -> (Taken<'a>, Vec<Violation>) {
    let mut taken: Vec<(&'static Field, &str, &RawValue)> = Vec::new();
    let mut wrong = Vec::new();
    let open = || note.fields.iter().filter(|field| !field.given);
    for (name, raw) in &members.0 {
        let known = open().find(|it| it.name == name || it.aliases.contains(&&**name));
        let Some(field) = known else {
            let is_given = note.fields.iter().any(|field| field.name == name);
            let names: Vec<_> = open().map(|field| field.name).collect();
            let unknown = || Violation::unknown(Place::Body, name, &names);
            wrong.push(if is_given { given(name) } else { unknown() });
            continue;
        };
        match taken.iter().find(|(before, ..)| before.name == field.name) {
            Some((_, before, _)) if before == name => {
                wrong.push(Violation::twice(Place::Body, name));
            }
            Some((_, before, _)) => wrong.push(two_names(field.name, before, name)),
            None => taken.push((field, name, raw)),
        }
    }
    for field in open() {
        let needed = !field.optional && !matches!(field.shape, Shape::Maybe(_));
        if needed && !taken.iter().any(|(it, ..)| it.name == field.name) {
            let sentences = ("꼭 있어야 해요.", "is missing.");
            wrong.push(Violation::new(Place::Body, field.name, "required", sentences));
        }
    }
    (taken.into_iter().map(|(field, _, raw)| (field, raw)).collect(), wrong)
}

fn given(name: &str) -> Violation {
    let sentences =
        ("시스템이 정해요. 보낼 수 없어요.", "is set by the system; it cannot be sent.");
    Violation::new(Place::Body, name, "set-by-the-system", sentences)
}

fn two_names(field: &str, one: &str, other: &str) -> Violation {
    let ko = format!("{one}와 {other} 중 하나만 보내야 해요. 뜻이 같아요.");
    let en = format!("came as {one} and as {other}, which mean the same; send one.");
    Violation::new(Place::Body, field, "once", (&ko, &en))
}

/// The rule that a word keeps for itself is found by trying each value in a body that is right
/// otherwise.
fn unreadable(
    rule: &Rule,
    written: &[(&'static Field, String)],
    error: &serde_json::Error,
) -> Problem {
    let mut wrong = Vec::new();
    for (field, value) in written {
        let Ok(value) = serde_json::from_str::<Value>(value) else { continue };
        let mut body = rule.command.sample();
        body[field.name] = value;
        if let Err(error) = rule.read(body.to_string().as_bytes()) {
            wrong.push(format(field.name, &error));
        }
    }
    if wrong.is_empty() {
        wrong.push(format("body", error));
    }
    Problem::invalid(wrong)
}

fn format(field: &str, error: &serde_json::Error) -> Violation {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let (ko, en) = (format!("형식이 맞지 않아요 ({said})."), format!("{said}."));
    Violation::new(Place::Body, field, "format", (&ko, &en))
}
