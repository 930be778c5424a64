//! A centre at work, that goes on whatever becomes of the server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    chance::Chance,
    client::{Ask, Client},
    history::{Came, Deed, Try},
    wait::{PATIENCE, Patience},
    wish::Wish,
};

/// The wait before a command is repeated that the server could not take.
const AGAIN: Duration = Duration::from_millis(20);
/// How soon the server must be back when a connection broke.
const BACK: Duration = Duration::from_secs(15);

/// The parts there are many of, and the one that soon runs out.
pub const PRODUCTS: [&str; 4] = ["TV-1", "FRIDGE-2", "WASHER-3", "RARE-9"];
const RARE: &str = PRODUCTS[3];

/// Where the server is now, and the how-manieth life it lives; nothing while it is away.
pub type Whereabouts = watch::Receiver<Option<(u32, SocketAddr)>>;

/// What everyone at work shares.
#[derive(Debug, Clone)]
pub struct Shift {
    pub began: Instant,
    pub server: Whereabouts,
    pub is_over: Arc<AtomicBool>,
    /// Connections that broke although the server was there.
    pub cut: Arc<AtomicU64>,
    /// Commands whose outcome is known.
    pub told: Arc<AtomicU64>,
}

/// One who gives commands until the outcome of each is known.
#[derive(Debug)]
pub struct Hand {
    shift: Shift,
    client: Client,
}

/// A customer and an engineer, case after case.
#[derive(Debug)]
pub struct Worker {
    number: u64,
    chance: Chance,
    shift: Shift,
    /// Two, for what happens at the same time.
    hands: (Hand, Hand),
    deeds: Vec<Deed>,
}

/// How far a case is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Requested,
    Accepted,
    Paid,
    CanceledEarly,
    CanceledLate,
    /// Accepted and canceled at the same time.
    Contested,
}

impl Hand {
    /// One more.
    pub fn new(shift: &Shift) -> Self {
        Self { shift: shift.clone(), client: Client::new(true) }
    }

    /// Gives a command, again and again under the same key, until it is known what came of it.
    pub async fn tell(&mut self, by: &str, key: String, wish: Wish) -> Result<Deed> {
        let mut ask = wish.ask().by(by);
        ask.key = Some(key.clone());
        let mut deed = Deed { key, by: by.to_owned(), wish, tries: Vec::new() };
        let end = Instant::now() + PATIENCE;
        loop {
            let (life, address) = self.server().await?;
            let invoked = self.shift.began.elapsed();
            let answer = self.client.send(address, &ask).await;
            let broke = answer.is_err();
            let came = Came::of(answer);
            let is_final = came.is_final();
            deed.tries.push(Try { invoked, over: self.shift.began.elapsed(), came });
            // One of which nothing is known by then never comes to an end.
            if is_final {
                self.shift.told.fetch_add(1, Ordering::Relaxed);
            }
            if is_final || Instant::now() > end {
                return Ok(deed);
            }
            if broke { self.next_life(life).await } else { sleep(AGAIN).await }
        }
    }

    /// Waits until something is there to be seen.
    pub async fn see(&mut self, path: &str) -> Result<()> {
        let patience = Patience::until(path);
        loop {
            let (life, address) = self.server().await?;
            match self.client.send(address, &Ask::get(path)).await {
                Ok(answer) if answer.status == 200 => return Ok(()),
                Ok(_) => {}
                Err(_) => self.next_life(life).await,
            }
            patience.again().await?;
        }
    }

    async fn server(&mut self) -> Result<(u32, SocketAddr)> {
        let there = timeout(PATIENCE, self.shift.server.wait_for(Option::is_some)).await;
        let there = *there.context("the server does not come back")??;
        there.context("a server")
    }

    /// A connection broke: so the server has another life before it.
    async fn next_life(&mut self, life: u32) {
        let next = |it: &Option<(u32, SocketAddr)>| it.is_some_and(|(now, _)| now > life);
        if timeout(BACK, self.shift.server.wait_for(next)).await.is_err() {
            self.shift.cut.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Worker {
    /// One more.
    pub fn new(number: u64, chance: Chance, shift: &Shift) -> Self {
        let hands = (Hand::new(shift), Hand::new(shift));
        Self { number, chance, shift: shift.clone(), hands, deeds: Vec::new() }
    }

    /// Works until the shift is over; everything that was done, and what came of it.
    pub async fn work(mut self) -> Result<Vec<Deed>> {
        let mut round = 0;
        while !self.shift.is_over.load(Ordering::Relaxed) {
            if round % 10 == 0 {
                self.receive(round).await?;
            }
            self.case(round).await?;
            round += 1;
        }
        Ok(self.deeds)
    }

    async fn receive(&mut self, round: u64) -> Result<()> {
        let product = PRODUCTS[usize::try_from(self.chance.below(3))?].to_owned();
        // Nobody else ever says this price.
        let price = 1_000 + round * 100 + self.number;
        let wish = Wish::Receive { product, parts: 1 + self.chance.below(20), price };
        let key = self.key("receive", round);
        let deed = self.hands.0.tell("keeper", key, wish).await?;
        self.deeds.push(deed);
        Ok(())
    }

    async fn case(&mut self, round: u64) -> Result<()> {
        let customer = format!("customer-{}-{round}", self.number);
        let engineer = format!("engineer-{}", self.number);
        let product = PRODUCTS[usize::try_from(self.chance.below(3))?];
        let product = if self.chance.below(100) < 6 { RARE } else { product }.to_owned();
        let course = Course::by(&mut self.chance);

        let wish = Wish::Request { customer: customer.clone(), product };
        let requested = self.tell(&customer, "request", round, wish).await?;
        let Some(Came::Ok { id: Some(id), .. }) = requested.came() else { return Ok(()) };
        let id = *id;
        if course == Course::Requested {
            return Ok(());
        }
        if course == Course::CanceledEarly {
            return self.tell(&customer, "cancel", round, Wish::Cancel(id)).await.map(drop);
        }
        self.hands.0.see(&format!("/services/{id}")).await?;
        if course == Course::Contested {
            let (accept, cancel) = (self.key("accept", round), self.key("cancel", round));
            let (one, other) = &mut self.hands;
            let (accepted, canceled) = tokio::join!(
                one.tell(&engineer, accept, Wish::Accept(id)),
                other.tell(&customer, cancel, Wish::Cancel(id)),
            );
            self.deeds.extend([accepted?, canceled?]);
            return Ok(());
        }
        let accepted = self.tell(&engineer, "accept", round, Wish::Accept(id)).await?;
        match course {
            Course::Paid if accepted.ok() == Some(200) => {
                self.tell(&engineer, "complete", round, Wish::Complete(id)).await.map(drop)
            }
            Course::CanceledLate => {
                self.tell(&customer, "cancel", round, Wish::Cancel(id)).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn tell(&mut self, by: &str, verb: &str, round: u64, wish: Wish) -> Result<Deed> {
        let key = self.key(verb, round);
        let deed = self.hands.0.tell(by, key, wish).await?;
        self.deeds.push(deed.clone());
        Ok(deed)
    }

    fn key(&self, verb: &str, round: u64) -> String {
        format!("{verb}-{}-{round}", self.number)
    }
}

impl Course {
    fn by(chance: &mut Chance) -> Self {
        match chance.below(100) {
            0..6 => Self::Requested,
            6..16 => Self::Accepted,
            16..66 => Self::Paid,
            66..76 => Self::CanceledEarly,
            76..88 => Self::CanceledLate,
            _ => Self::Contested,
        }
    }
}
