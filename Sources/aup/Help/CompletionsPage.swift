/// What `aup completions --help` says, every entry in a line of its own. Written by `make options`.
let completionsPage = """
    OVERVIEW: Write what teaches a shell to complete the words of aup.

    It is installed with aup; without that:

      source <(aup completions bash)                 # in ~/.bashrc
      aup completions zsh > ~/.zfunc/_aup            # a folder of $fpath, before compinit
      aup completions fish > ~/.config/fish/completions/aup.fish

    USAGE: aup completions <shell>

    ARGUMENTS:
      <shell>                 bash, zsh or fish. (values: bash, zsh, fish)

    OPTIONS:
      --version               Show the version.
      -h, --help              Show help information.

    """
