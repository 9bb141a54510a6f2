import sys
from pathlib import Path

# importlib mode puts no test folder on the path, and rule_scenes.py is shared by the tests beside it.
sys.path.insert(0, str(Path(__file__).parent))
