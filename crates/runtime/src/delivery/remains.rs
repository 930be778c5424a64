//! What remains to be done of one case, whom it waits for, and until when.

use kernel::{Case, Context, Event, Time};

use super::{BUS, Line, Which, deliver::BEHIND};
use crate::{
    Failure, Runtime,
    store::{Delivery, DeliveryKey, Progress, Stage},
};

/// A delivery of a case that is not done.
#[derive(Debug, Clone)]
pub struct Remaining {
    /// The context that is to be told.
    pub context: &'static str,
    /// Which delivery.
    pub key: DeliveryKey,
    /// The event, by name.
    pub event: &'static str,
    /// What is to be done because of it.
    pub todo: ToDo,
    /// How it stands, if it took a path of its own.
    pub aside: Option<Delivery>,
    /// What it waits for.
    pub waits: Waits,
}

/// What is to be done because of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToDo {
    /// This command is to be given.
    Give(&'static str),
    /// This is to be wished of that outside system.
    Wish(&'static str, &'static str),
    /// The event is to be shown in this view.
    Show(&'static str),
}

/// What a delivery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// Nothing: it is about to be done.
    Nothing,
    /// The delivery of the event at this position, which comes first.
    Before(u64),
    /// This day.
    Day(Time),
    /// Somebody: a context or an outside system; tried again then, or when they are back.
    Somebody(&'static str, Option<Time>),
    /// An operator, who has to decide.
    Operator,
}

/// What is not done, in order.
type Open = Vec<(Event, Option<Delivery>)>;

impl Runtime {
    /// What remains to be done of a case, in all contexts served here.
    ///
    /// # Errors
    ///
    /// When a store cannot be read.
    pub async fn remains(&self, case: Case) -> Result<Vec<Remaining>, Failure> {
        let mut all = Vec::new();
        for (line, _) in &self.mail {
            self.remains_of(line, case, &mut all).await?;
        }
        Ok(all)
    }

    /// The case that something belongs to: by its kind and its number or name;
    /// without a kind, a number is that of what the customer's journey begins with.
    /// Of what is kept elsewhere only the number of a case is known.
    ///
    /// # Errors
    ///
    /// When there is no such thing.
    pub fn case_of(&self, kind: Option<&str>, id: &str) -> Result<Case, Failure> {
        let number = id.parse::<u64>().ok();
        let elsewhere = self.away.contexts.iter().flat_map(|it| &it.aggregates).map(|it| it.name);
        let kept_there =
            elsewhere.into_iter().find(|name| kind.unwrap_or(self.begins_with) == *name);
        if let (Some(kind), Some(number)) = (kept_there, number) {
            return Ok(Case { kind, number });
        }
        let kinds = self.system.contexts.iter().flat_map(|context| {
            context.aggregates.iter().map(move |guarded| (context, guarded.name))
        });
        let first = self.begins_with;
        for (context, name) in kinds.filter(|(_, name)| kind.is_none_or(|kind| kind == *name)) {
            let store = self.store(context.name)?;
            let mut thing = store.thing_named(context.name, name, id)?;
            if let (None, Some(number)) =
                (&thing, number.filter(|_| kind.is_some() || name == first))
            {
                thing = store.thing(context.name, name, number)?;
            }
            if let Some(thing) = thing {
                return Ok(thing.case);
            }
        }
        let what = kind.map_or_else(|| id.to_owned(), |kind| format!("{kind} {id}"));
        Err(Failure::Unknown { what })
    }

    async fn remains_of(
        &self,
        line: &Line,
        case: Case,
        all: &mut Vec<Remaining>,
    ) -> Result<(), Failure> {
        let (_, open) = self.open_of(line, case).await?;
        let first = open.iter().find(|(_, aside)| aside.is_some()).map(|(it, _)| it.position);
        for (event, aside) in open {
            let waits = match (&aside, first) {
                (Some(delivery), _) => self.waits(line, delivery, first)?,
                (None, Some(first)) if line.holds_in_turn(&self.system) => Waits::Before(first),
                _ => self.absent(line)?.map_or(Waits::Nothing, |who| Waits::Somebody(who, None)),
            };
            all.push(self.remaining(line, &event, aside, waits)?);
        }
        Ok(())
    }

    /// What is to be delivered of a case and is not done, in order, with how it
    /// stands if it took a path of its own; and up to where the journal was read.
    pub(crate) async fn open_of(&self, line: &Line, case: Case) -> Result<(u64, Open), Failure> {
        let own = self.store(line.context)?;
        let mut progress = own.progress(line.context)?.into_iter();
        let is_its =
            |it: &Progress| it.subscription == line.subscription && it.source == line.source;
        let read = progress.find(is_its).map_or(0, |it| it.position);
        let events = self.events_of_case(line.source, case).await?;
        let mut open = Vec::new();
        for event in events.into_iter().filter(|it| line.events.contains(&it.name)) {
            let aside = own
                .delivery(line.context, &line.key(event.position))?
                .filter(|it| it.stage.holds_up());
            if aside.is_some() || event.position > read {
                open.push((event, aside));
            }
        }
        Ok((read, open))
    }

    fn waits(
        &self,
        line: &Line,
        delivery: &Delivery,
        first: Option<u64>,
    ) -> Result<Waits, Failure> {
        Ok(match (delivery.stage, first) {
            (Stage::Parked, _) => Waits::Operator,
            (Stage::Failed { due }, _) => {
                let context = self.context(line.context)?;
                let who = self.absent(line)?.or(needed(line, context)).unwrap_or(line.context);
                Waits::Somebody(who, Some(due))
            }
            (Stage::Waiting { due }, Some(first)) if due == BEHIND => Waits::Before(first),
            (Stage::Waiting { due }, _) if !line.holds_in_turn(&self.system) => Waits::Day(due),
            _ => Waits::Nothing,
        })
    }

    /// Whoever is needed and away, as the lab has it.
    fn absent(&self, line: &Line) -> Result<Option<&'static str>, Failure> {
        let needed = needed(line, self.context(line.context)?);
        let all = [Some(line.context), Some(line.source), needed];
        Ok(all.into_iter().flatten().find(|who| self.lab.is_down(who)))
    }

    fn remaining(
        &self,
        line: &Line,
        event: &Event,
        aside: Option<Delivery>,
        waits: Waits,
    ) -> Result<Remaining, Failure> {
        let context = self.context(line.context)?;
        let todo = match line.which {
            Which::Policy(index) => ToDo::Give(context.policies[index].command.name),
            Which::Effect(index) => {
                let effect = &context.effects[index];
                ToDo::Wish(effect.to, effect.wish.name)
            }
            Which::View(index) => ToDo::Show(context.views[index].name),
            Which::Bus => ToDo::Wish(BUS, event.name),
        };
        let key = line.key(event.position);
        Ok(Remaining { context: line.context, key, event: event.name, todo, aside, waits })
    }
}

/// Whoever is needed beside the context itself.
fn needed(line: &Line, context: &Context) -> Option<&'static str> {
    match line.which {
        Which::Effect(index) => Some(context.effects[index].to),
        Which::Policy(index) => {
            let (_, rule) = context.rule(context.policies[index].command.name)?;
            rule.asks.as_ref().map(|asking| asking.of)
        }
        Which::View(_) | Which::Bus => None,
    }
}
