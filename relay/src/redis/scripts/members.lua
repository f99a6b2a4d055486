-- Who is present.
open()
expire()
return views()
