"""Child processes: started, watched, restarted and stopped without leaving orphans."""
