//! Commands as `apply.lua` takes them.

use serde::Serialize;
use sluice_relay_core::Command;
use sluice_relay_core::command::split_work;
use sluice_units::Minute;

/// Flat lists of texts, one of each kind of command.
#[derive(Default, Serialize)]
struct Packed {
    counts: Vec<String>,
    goals: Vec<String>,
    works: Vec<String>,
    details: Vec<String>,
    sets: Vec<Vec<String>>,
    pushes: Vec<Vec<String>>,
    onces: Vec<Vec<String>>,
}

/// The commands as one text.
pub(super) fn pack(commands: Vec<Command>) -> String {
    let mut packed = Packed::default();
    commands.into_iter().for_each(|command| packed.add(command));
    serde_json::to_string(&packed).expect("lists of texts are always JSON")
}

impl Packed {
    fn add(&mut self, command: Command) {
        match command {
            Command::Increment { key, field, by } => {
                self.counts.extend([key, field, by.to_string()]);
            }
            Command::AddGoal { key, field, by } => {
                self.goals.extend([key, field_text(field), by.to_f64().to_string()]);
            }
            Command::AddWork { key, remainder_key, field, work } => {
                let (units, left) = split_work(work);
                self.works.extend([key, remainder_key, field_text(field)]);
                self.works.extend([units.to_string(), left.to_string()]);
            }
            Command::Detail { key, minute, goal, best } => {
                let (goal, best) = (goal.to_f64(), best.to_difficulty());
                self.details.extend([key, field_text(minute)]);
                self.details.extend([goal.to_string(), best.to_string()]);
            }
            Command::AddToSet { key, members } => self.sets.push([vec![key], members].concat()),
            Command::Push { key, value } => self.pushes.push(vec![key, value]),
            Command::PushOnce { set_key, member, key, value } => {
                self.pushes.push(vec![key, value, set_key, member]);
            }
            Command::CountOnce { set_key, member, key, field } => {
                self.onces.push(vec![key, field_text(field), set_key, member]);
            }
        }
    }
}

fn field_text(minute: Minute) -> String {
    minute.to_seconds().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn goals_are_written_without_an_exponent() {
        let goal = sluice_units::Goal::from_steps(1).to_f64().to_string();
        assert!(goal.starts_with("0.0000") && !goal.contains('e'), "{goal}");
    }
}
