//! Topics are made with a stated number of partitions, or checked.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    types::RDKafkaErrorCode::{
        self, InvalidConfig, InvalidPartitions, InvalidReplicationFactor, InvalidTopic,
        PolicyViolation, TopicAlreadyExists, TopicAuthorizationFailed,
    },
};
use runtime::Failure;

use crate::{Inside, owner};

/// How long a broker may take.
pub const PATIENCE: Duration = Duration::from_secs(3);

type Admin = AdminClient<DefaultClientContext>;

/// Makes the topics of these journals, or checks those that are there.
pub async fn ready(inside: &Arc<Inside>, contexts: &[&'static str]) -> Result<(), Failure> {
    let admin: Admin = inside.settings.client().create().map_err(|it| away(&it))?;
    for context in contexts {
        let name = inside.settings.topic(inside.system, context);
        if make(inside, &admin, &name).await? {
            continue;
        }
        check_settings(inside, &admin, &name).await?;
        let (inside, context) = (Arc::clone(inside), *context);
        let checked = tokio::task::spawn_blocking(move || {
            let asking: BaseConsumer = inside.settings.reader().create().map_err(|it| away(&it))?;
            check_partitions(&inside, &asking, &name)?;
            owner::check(&inside, &asking, context, &name)
        });
        checked.await.map_err(|error| Failure::fault(error.to_string()))??;
    }
    Ok(())
}

/// True when it was not there.
async fn make(inside: &Inside, admin: &Admin, name: &str) -> Result<bool, Failure> {
    let settings = &inside.settings;
    let (retention, largest) =
        (settings.retention.to_string(), settings.message_bytes_max().to_string());
    let replicas = TopicReplication::Fixed(settings.replicas);
    let mut topic = NewTopic::new(name, settings.partitions, replicas)
        .set("cleanup.policy", "delete")
        .set("message.timestamp.type", "LogAppendTime")
        .set("max.message.bytes", &largest)
        .set("retention.ms", &retention);
    if settings.replicas > 2 {
        topic = topic.set("min.insync.replicas", "2");
    }
    let made = admin.create_topics([&topic], &options()).await.map_err(|it| away(&it))?;
    match made.into_iter().next() {
        Some(Ok(_)) => Ok(true),
        Some(Err((_, TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) if never(code) => {
            Err(Failure::fault(format!("topic {name} cannot be made: {code}")))
        }
        Some(Err((_, code))) => Err(Failure::unavailable("the bus", format!("{name}: {code}"))),
        None => Err(Failure::unavailable("the bus", format!("{name}: no answer"))),
    }
}

/// It keeps what is published as long as is set, and takes events of every size.
async fn check_settings(inside: &Inside, admin: &Admin, name: &str) -> Result<(), Failure> {
    let topic = [ResourceSpecifier::Topic(name)];
    let described = admin.describe_configs(&topic, &options()).await.map_err(|it| away(&it))?;
    let described = match described.into_iter().next() {
        Some(Ok(described)) => described,
        Some(Err(code)) => return Err(Failure::unavailable("the bus", format!("{name}: {code}"))),
        None => return Err(Failure::unavailable("the bus", format!("{name}: no answer"))),
    };
    let value = |key: &str| described.get(key).and_then(|it| it.value.clone()).unwrap_or_default();
    let wrong = |what: &str, is: &str, must: &str| {
        Err(Failure::fault(format!("topic {name} has {what} {is}, and it must be {must}")))
    };
    let cleanup = value("cleanup.policy");
    if cleanup != "delete" {
        return wrong("cleanup.policy", &cleanup, "delete");
    }
    let (retention, least) = (value("retention.ms"), inside.settings.retention);
    // -1 is for ever.
    if retention.parse::<i64>().is_ok_and(|it| it >= 0 && it < least) {
        return wrong("retention.ms", &retention, &format!("{least} or more"));
    }
    let (largest, least) = (value("max.message.bytes"), inside.settings.message_bytes_max());
    if largest.parse::<usize>().is_ok_and(|it| it < least) {
        return wrong("max.message.bytes", &largest, &format!("{least} or more"));
    }
    Ok(())
}

fn check_partitions(inside: &Inside, asking: &BaseConsumer, name: &str) -> Result<(), Failure> {
    let found = asking.fetch_metadata(Some(name), PATIENCE).map_err(|it| away(&it))?;
    let partitions = found.topics().first().map_or(0, |topic| topic.partitions().len());
    let expected = usize::try_from(inside.settings.partitions).unwrap_or(0);
    if partitions == 0 {
        return Err(Failure::unavailable("the bus", format!("{name} is not there yet")));
    }
    if partitions != expected {
        return Err(Failure::fault(format!(
            "topic {name} has {partitions} partitions, and {expected} are set: with another \
             number the order of a case would be lost"
        )));
    }
    Ok(())
}

/// Nothing but another setting helps.
fn never(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        InvalidConfig
            | InvalidPartitions
            | InvalidReplicationFactor
            | InvalidTopic
            | PolicyViolation
            | TopicAuthorizationFailed
    )
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE))
}

/// As long as nobody answers nothing is known to be wrong.
pub fn away(error: &KafkaError) -> Failure {
    Failure::unavailable("the bus", error.to_string())
}
