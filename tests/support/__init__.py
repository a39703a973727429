"""What the tests share. Always `from tests.support.x import …`: no module has a second name."""
