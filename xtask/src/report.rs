//! What a run did, how long it took, and what it left out: printed at its end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Sums of the summary lines of the test programs.
#[derive(Default)]
pub struct Totals {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
}

impl Totals {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines are nothing to it.
    pub fn add(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        let counts = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
        for part in counts.split(';') {
            if let Some((number, what)) = part.trim().split_once(' ') {
                let number: u64 = number.parse().unwrap_or(0);
                match what {
                    "passed" => self.passed += number,
                    "failed" => self.failed += number,
                    "ignored" => self.ignored += number,
                    _ => {}
                }
            }
        }
    }
}

struct Step {
    name: String,
    took: Duration,
    failure: Option<String>,
}

pub struct Report {
    started: Instant,
    steps: Vec<Step>,
    left_out: Vec<(String, String)>,
    pub totals: Totals,
    pub notes: Vec<String>,
}

impl Report {
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            steps: Vec::new(),
            left_out: Vec::new(),
            totals: Totals::default(),
            notes: Vec::new(),
        }
    }

    /// Runs one step; a failure is noted, and the steps after it still run.
    pub fn step<T>(&mut self, name: &str, act: impl FnOnce(&mut Self) -> Result<T>) -> Option<T> {
        println!("\n=== {name}");
        let started = Instant::now();
        let result = act(self);
        let failure = result.as_ref().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            println!("FAILED {name}: {failure}");
        }
        self.steps.push(Step { name: name.to_owned(), took: started.elapsed(), failure });
        result.ok()
    }

    pub fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left_out.push((what.into(), why.into()));
    }

    /// Takes what a line of a test program tells: its sums, or what a test left out.
    pub fn read(&mut self, line: &str) {
        self.totals.add(line);
        let Some((what, why)) =
            line.strip_prefix("LEFT OUT: ").and_then(|left| left.split_once(", for "))
        else {
            return;
        };
        if self.left_out.iter().all(|(known, _)| known != what) {
            self.leave_out(what, why);
        }
    }

    /// Says in a block that cannot be missed what this run does not do.
    pub fn print_left_out(&self) {
        if self.left_out.is_empty() {
            return;
        }
        println!("\n{:!^78}", " LEFT OUT OF THIS RUN ");
        for (what, why) in &self.left_out {
            println!("!! {what}\n!!     because {why}");
        }
        println!("{:!^78}", "");
    }

    /// Prints the steps, the notes and what was left out; the last lines count the tests.
    pub fn finish(self, tests_ran: bool) -> Result<()> {
        println!("\n=== Steps");
        for step in &self.steps {
            let outcome = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{:>8.1} s  {outcome:6}  {}", step.took.as_secs_f64(), step.name);
        }
        println!("{:>8.1} s  in all", self.started.elapsed().as_secs_f64());
        for note in &self.notes {
            println!("{note}");
        }
        self.print_left_out();
        let failed: Vec<_> = self.steps.iter().filter(|step| step.failure.is_some()).collect();
        for step in &failed {
            println!("FAILED {}: {}", step.name, step.failure.as_deref().unwrap_or_default());
        }
        let Totals { passed, failed: tests_failed, ignored } = self.totals;
        let fine = failed.is_empty() && tests_failed == 0;
        if tests_ran {
            println!(
                "\ntest result: {}. {passed} passed; {tests_failed} failed; {ignored} ignored; \
                 0 measured; 0 filtered out; finished in {:.2}s",
                if fine { "ok" } else { "FAILED" },
                self.started.elapsed().as_secs_f64(),
            );
        }
        if !fine {
            bail!("{} of {} steps failed", failed.len().max(1), self.steps.len());
        }
        if tests_ran && passed == 0 {
            bail!("no test ran");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_lines_are_added_up_and_others_are_not() {
        let mut totals = Totals::default();
        totals.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out");
        totals.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured");
        totals.add("test a::b ... ok");
        assert_eq!((totals.passed, totals.failed, totals.ignored), (4, 2, 1));
    }

    #[test]
    fn a_failed_step_fails_the_run_and_the_steps_after_it_run() {
        let mut report = Report::new();
        report.totals.passed = 1;
        assert_eq!(report.step("one", |_| -> Result<()> { bail!("no") }), None);
        assert_eq!(report.step("two", |_| Ok(2)), Some(2));
        assert!(report.finish(true).is_err());
    }

    #[test]
    fn what_tests_leave_out_is_named_once() {
        let mut report = Report::new();
        for _ in 0..2 {
            report.read("LEFT OUT: the moon, for it is away");
        }
        assert_eq!(report.left_out, [("the moon".to_owned(), "it is away".to_owned())]);
    }

    #[test]
    fn a_run_without_tests_fails() {
        assert!(Report::new().finish(true).is_err());
        assert!(Report::new().finish(false).is_ok());
    }
}
