//! The printed table.

use super::cell::Cell;

#[derive(Default)]
pub(super) struct Table {
    text: String,
    wrong: u32,
}

impl Table {
    pub(super) fn row(
        &mut self,
        cell: &Cell,
        (heard, calls): (&str, [u32; 5]),
        wrong: Vec<String>,
    ) {
        if self.text.is_empty() {
            self.text = format!(
                "\n{:<10} {:<44} {:<16} {:<10} {:<24} {}\n",
                "step", "what happens", "caller hears", "ends", "create/move/cancel/list/get", ""
            );
        }
        let calls = calls.map(|n| n.to_string()).join("/");
        let verdict = if wrong.is_empty() {
            "ok".to_owned()
        } else {
            wrong.join("; ")
        };
        self.wrong += u32::from(!wrong.is_empty());
        let ends = cell.ends.0.as_str();
        self.text += &format!(
            "{:<10} {:<44} {heard:<16} {ends:<10} {calls:<27} {verdict}\n",
            format!("{:?}", cell.step),
            cell.name,
        );
    }

    /// Prints it, and ends the test if a cell is wrong.
    #[expect(clippy::print_stdout, reason = "the table is what the test is for")]
    pub(super) fn show(&self) {
        println!("{}", self.text);
        assert_eq!(self.wrong, 0, "{}", self.text);
    }
}
