//! Who calls, and in which role.

use axum::http::HeaderMap;
use kernel::{Actor, Role, Rule, System};

use crate::{
    call::single,
    percent,
    problem::{Kind, Place, Problem, Violation},
};

/// Who may act in which role.
///
/// Every decision about who somebody is passes through this one value, so that signing in can
/// become another variant of it and nothing else has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Access {
    /// There is no sign-in: everyone is who they say they are (`X-Actor`) and may act in every
    /// role, or in the one they name (`X-Role`). Only for a server that strangers cannot reach.
    #[default]
    Open,
}

/// Who calls.
#[derive(Debug, Clone)]
pub struct Who {
    name: Option<String>,
    role: Option<Role>,
}

/// Sees to it that things run; no role of any business.
pub const OPERATOR: Role = Role::new("operator", "운영자");

const NAME_MAX: usize = 50;

impl Access {
    /// Who calls.
    ///
    /// # Errors
    ///
    /// When the headers do not say it as they should.
    pub fn who(self, system: &System, headers: &HeaderMap) -> Result<Who, Problem> {
        let Self::Open = self;
        Ok(Who { name: name(headers)?, role: role(system, headers)? })
    }
}

impl Who {
    /// Whether they may give the command of this rule.
    pub fn may(&self, rule: &Rule) -> bool {
        self.role.map_or(!rule.roles.is_empty(), |role| rule.roles.contains(&role))
    }

    /// The one they are when they give the command of this rule.
    ///
    /// # Errors
    ///
    /// When they may not.
    pub fn acting(&self, rule: &Rule) -> Result<Actor, Problem> {
        let Some(first) = rule.roles.first() else {
            return Err(Problem::new(
                Kind::Forbidden,
                "시스템이 스스로 하는 일이라 밖에서 요청할 수 없어요.",
                "Only the system itself does this; nobody can ask for it from outside.",
            ));
        };
        match self.role {
            Some(own) if !rule.roles.contains(&own) => Err(only(rule.roles)),
            own => Ok(self.actor(own.unwrap_or(*first))),
        }
    }

    /// The one they are when they look after the whole.
    ///
    /// # Errors
    ///
    /// When they act in a role of the business.
    pub fn operating(&self) -> Result<Actor, Problem> {
        match self.role {
            Some(role) if role != OPERATOR => Err(only(&[OPERATOR])),
            _ => Ok(self.actor(OPERATOR)),
        }
    }

    fn actor(&self, role: Role) -> Actor {
        Actor::new(self.name.as_deref().unwrap_or(role.korean), role.name)
    }
}

fn only(roles: &[Role]) -> Problem {
    let korean: Vec<_> = roles.iter().map(|role| role.korean).collect();
    let english: Vec<_> = roles.iter().map(|role| role.name).collect();
    Problem::new(
        Kind::Forbidden,
        format!("할 수 있는 역할: {}.", korean.join(", ")),
        format!("Only these roles may do this: {}.", english.join(", ")),
    )
}

fn name(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    const FIELD: &str = "X-Actor";
    let Some(value) = single(headers, FIELD)? else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).ok();
    let Some(name) = text.and_then(percent::decode) else {
        let sentences = ("UTF-8로 풀 수 없어요.", "cannot be decoded as UTF-8.");
        return Err(Violation::new(Place::Header, FIELD, "encoding", sentences).into());
    };
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        let sentences = (
            "제어 문자 없이 1자에서 50자여야 해요.",
            "must have 1 to 50 characters, none of them control characters.",
        );
        let wrong = Violation::new(Place::Header, FIELD, "length", sentences);
        return Err(wrong.with("min", 1).with("max", NAME_MAX).into());
    }
    Ok(Some(name.to_owned()))
}

fn role(system: &System, headers: &HeaderMap) -> Result<Option<Role>, Problem> {
    const FIELD: &str = "X-Role";
    let Some(value) = single(headers, FIELD)? else { return Ok(None) };
    let mut roles = system.roles();
    roles.push(OPERATOR);
    let found = roles.iter().find(|role| role.name.as_bytes() == value.as_bytes());
    if let Some(role) = found {
        return Ok(Some(*role));
    }
    let names: Vec<_> = roles.iter().map(|role| role.name).collect();
    let ko = format!("없는 역할이에요. 쓸 수 있는 역할: {}.", names.join(", "));
    let en = format!("is no role here; the roles are {}.", names.join(", "));
    let wrong = Violation::new(Place::Header, FIELD, "role", (&ko, &en));
    Err(wrong.with("allowed", names).into())
}
