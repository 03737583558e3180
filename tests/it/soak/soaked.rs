//! A shop where everything goes wrong, and the program that is used there.

use std::process::{Child, Command, Stdio};

use sxinv::sandbox::{Options, WebhookTarget};

use super::told::{self, Way};
use super::{Machine, Plan};
use crate::listener::SECRET;
use crate::shop::{Ran, Shop};

/// A shop, and the profile that is used there.
pub struct Soaked {
    pub shop: Shop,
    told: bool,
}

impl Soaked {
    pub fn of(plan: &Plan, way: Option<&Way>) -> Soaked {
        let webhook = way.map(|way| WebhookTarget {
            url: way.url(),
            secret: SECRET.to_owned(),
        });
        let shop = Shop::with(Options {
            faults: format!("{},seed={}", plan.faults, plan.seed)
                .parse()
                .unwrap(),
            webhook,
            ..Options::default()
        });
        if plan.told.is_some() {
            told::profile(&shop);
        }
        Soaked {
            shop,
            told: plan.told.is_some(),
        }
    }

    pub fn command(&self, words: &[&str]) -> Command {
        match self.told {
            true => self.shop.bare(&[&told::PROFILE[..], words].concat()),
            false => self.shop.command(words),
        }
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().unwrap())
    }

    pub fn start(&self, machine: &dyn Machine, words: &[&str]) -> Child {
        let mut command = self.command(words);
        machine.prepare(&self.shop, &mut command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }
}
