//! Whose webhooks are taken: the stores with a signing secret.

use super::Settings;
use super::connection::{ENVIRONMENT, of_command, store_key, unread};
use super::environment as env;
use crate::credentials::{Meant, Secret};
use crate::error::{Error, Kind, Result};
use crate::profile::{Profile, SANDBOX};
use crate::secret_command;

/// One store whose events are taken.
pub struct Subscription {
    /// The profile's name, or `environment`.
    pub profile: String,
    /// The key of the store.
    pub store: String,
    /// The store's own number, where the credentials name it.
    pub store_id: Option<u64>,
    /// What its webhooks are signed with.
    pub secret: Secret,
}

impl Settings {
    /// With a profile that was named, that one; else every profile with a `webhook_secret`, and
    /// `WEBHOOK_SIGNING_SECRET` for the store that other commands would use. Commands that print secrets are run.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>> {
        if let Some(named) = &self.profile {
            return Ok(vec![self.named(&named.value)?]);
        }
        let mut subscriptions = Vec::new();
        let file = self.profile_file()?;
        for profile in file.into_iter().flat_map(|file| file.profiles) {
            subscriptions.extend(self.of_the_file(profile)?);
        }
        if let Some(secret) = self.webhook_secret()? {
            subscriptions.push(self.of_the_environment(secret)?);
        }
        match subscriptions.is_empty() {
            true => Err(no_secret("no profile has a webhook_secret")),
            false => Ok(subscriptions),
        }
    }

    fn named(&self, name: &str) -> Result<Subscription> {
        let file = match name {
            SANDBOX => None,
            _ => self.profile_file()?,
        };
        let profile = file.and_then(|file| file.profiles.into_iter().find(|p| p.name == name));
        if let Some(profile) = profile
            && let Some(subscription) = self.of_the_file(profile)?
        {
            return Ok(subscription);
        }
        match self.webhook_secret()? {
            Some(secret) => self.of_the_environment(secret),
            None => {
                // A profile that is not there is the better answer.
                self.store()?;
                Err(no_secret(&format!("profile {name} has no webhook_secret")))
            }
        }
    }

    fn webhook_secret(&self) -> Result<Option<Secret>> {
        self.env_secret(env::WEBHOOK_SECRET, Meant::WebhookSecret)
    }

    fn of_the_file(&self, profile: Profile) -> Result<Option<Subscription>> {
        let Some(source) = profile.webhook_secret else {
            return Ok(None);
        };
        let name = profile.name;
        let address = self.address(profile.api_url.as_deref().map(|url| (name.as_str(), url)))?;
        let store_id = profile.access.store_id();
        let secret = source
            .get(Meant::WebhookSecret, secret_command::run)
            .map_err(|e| of_command(e, Meant::WebhookSecret, &name))?;
        let id = store_id.map(|id| id.to_string());
        Ok(Some(Subscription {
            store: store_key(&address.value, id.as_deref(), &name),
            profile: name,
            store_id,
            secret,
        }))
    }

    /// The secret of the environment, for the store that other commands would use. Where there are no credentials at all,
    /// events are kept for the environment.
    fn of_the_environment(&self, secret: Secret) -> Result<Subscription> {
        match self.connect(unread) {
            Ok(connection) => Ok(Subscription {
                store: connection.store().to_owned(),
                store_id: connection.credentials.store_id(),
                profile: connection.profile,
                secret,
            }),
            Err(e) if e.kind() == Kind::Auth && self.profile.is_none() => {
                let address = self.address(None)?;
                let store_id = self.environment.get(env::STORE_ID);
                Ok(Subscription {
                    profile: ENVIRONMENT.to_owned(),
                    store: store_key(&address.value, store_id, ENVIRONMENT),
                    store_id: store_id.and_then(|id| id.trim().parse().ok()),
                    secret,
                })
            }
            Err(e) => Err(e),
        }
    }
}

fn no_secret(message: &str) -> Error {
    Error::new(Kind::Auth, message.to_owned()).hinted(format!(
        "the secret (whsec_…) is shown where the webhook was set up: put it into the profile as webhook_secret, or into {}",
        env::WEBHOOK_SECRET
    ))
}
