//! The other topology on one machine: a process for each context and a gateway
//! in front of them, started, watched and ended together.

mod keys;
mod member;
mod plan;
mod voice;

use kernel::System;
use tokio::{runtime::Builder, sync::watch, task::JoinSet};

use self::{member::Member, plan::Plan};
use crate::{
    exit::{self, Code, OrStop, Outcome},
    serve::{logging, signals::Signals},
    settings::Effective,
};

/// What the members are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Go,
    /// Finish what you have in hand.
    End,
    /// Do not even do that.
    Now,
}

/// Keeps all of them running until it is asked to end.
pub fn run(system: &System, effective: &Effective) -> Outcome {
    let plan = Plan::of(system, effective)?;
    logging::start(&effective.settings)?;
    let tokio = Builder::new_multi_thread().enable_all().build().or_stop(Code::Internal)?;
    tokio.block_on(watch_over(&plan))
}

async fn watch_over(plan: &Plan) -> Outcome {
    let mut signals = Signals::listen(false)?;
    let word = watch::Sender::new(Word::Go);
    let mut members = JoinSet::new();
    let mut up = Vec::new();
    for place in &plan.members {
        let (is_up, said) = watch::channel(false);
        up.push(said);
        members.spawn(Member::serving(plan, place, is_up)?.run(word.subscribe()));
    }
    let (is_up, said) = watch::channel(false);
    up.push(said);
    members.spawn(Member::gateway(plan, is_up)?.run(word.subscribe()));
    let all_up = async {
        for said in &mut up {
            if said.wait_for(|it| *it).await.is_err() {
                return std::future::pending().await; // it has given up, and says so itself
            }
        }
    };
    tokio::pin!(all_up);
    let (mut greeted, mut outcome) = (false, Ok(()));
    while !members.is_empty() {
        tokio::select! {
            biased;
            (signal, _) = signals.next() => {
                let again = *word.borrow() != Word::Go;
                tracing::info!(signal, "ending");
                word.send_replace(if again { Word::Now } else { Word::End });
            }
            Some(ended) = members.join_next() => {
                let ended = ended.or_stop(Code::Internal).flatten();
                // One that cannot even start takes the others with it.
                if ended.is_err() && outcome.is_ok() {
                    outcome = ended;
                    word.send_if_modified(|it| {
                        let first = *it == Word::Go;
                        if first { *it = Word::End; }
                        first
                    });
                }
            }
            () = &mut all_up, if !greeted => {
                greeted = true;
                // Whoever does not want to read it is served all the same.
                drop(exit::print(plan));
            }
        }
    }
    tracing::info!("all have ended");
    outcome
}
